"""Where the patient is expected already, and when they were or will be treated."""

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from scheduling.models import TreatmentSpacing
from scheduling.selectors.patient_time import patient_time
from tests.factories import (
    NOW,
    at,
    make_appointment,
    make_patient,
    make_person,
    make_service,
    make_site,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 1)


def test_visits_and_treatments_count_wherever_they_were_booked() -> None:
    ada, bob = make_patient("Ada"), make_patient("Bob")
    infusion = make_service("infusion")
    for slug, patient, day in (("main", ada, 1), ("other", ada, 8), ("third", bob, 1)):
        site = make_site(slug)
        nurse = make_person(site, "Quinn", "nurse")
        make_appointment(patient, infusion, site, at(f"2026-12-0{day} 09:00"), [nurse], minutes=60)
    TreatmentSpacing.objects.create(
        patient=ada, days=DateRange(date(2026, 11, 22), date(2026, 11, 24))
    )

    known = patient_time(ada, NOW)

    nine = int(at("2026-12-01 09:00").timestamp())
    week = 7 * 86_400
    assert known.busy == ((nine, nine + 3600), (nine + week, nine + week + 3600))
    assert known.treatments == (
        (date(2026, 11, 22).toordinal(), 2),
        (DAY.toordinal(), 2),
        (DAY.toordinal() + 7, 2),
    )


def test_what_is_about_to_move_does_not_count() -> None:
    ada, site = make_patient("Ada"), make_site()
    nurse = make_person(site, "Quinn", "nurse")
    visit = make_appointment(ada, make_service("infusion"), site, at("2026-12-01 09:00"), [nurse])

    known = patient_time(ada, NOW, apart_from=[visit.pk])

    assert (known.busy, known.treatments) == ((), ())


def test_a_hold_counts_until_it_expires() -> None:
    ada, site = make_patient("Ada"), make_site()
    make_appointment(
        ada,
        make_service("infusion"),
        site,
        at("2026-12-01 09:00"),
        [make_person(site, "Quinn", "nurse")],
        status="held",
        expires_at=NOW + timedelta(minutes=15),
    )

    assert len(patient_time(ada, NOW).busy) == 1
    later = patient_time(ada, NOW + timedelta(minutes=15))
    assert (later.busy, later.treatments) == ((), ())
