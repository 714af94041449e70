"""Openings are exactly the starts at which everything a session needs is free."""

from datetime import datetime, timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from scheduling.core.openings import Opening
from scheduling.core.refusals import Code, Refused
from scheduling.core.walltime import local
from scheduling.selectors.openings import openings
from tests.factories import (
    NOW,
    Clinic,
    at,
    make_appointment,
    make_clinic,
    make_patient,
    make_service,
)

pytestmark = pytest.mark.django_db(transaction=True)
DAY = (at("2026-12-01 00:00"), at("2026-12-02 00:00"))


@pytest.fixture
def clinic() -> Clinic:
    make_service("therapy")
    make_service("review")
    return make_clinic()


def find(clinic: Clinic, service: str = "therapy", **more: object) -> list[Opening]:
    asked = {"start": DAY[0], "end": DAY[1], "now": NOW} | more
    return openings(site=clinic.site, service=service, **asked)


def clock(opening: Opening) -> str:
    return f"{local(opening.start, 'America/Denver'):%H:%M}"


def test_a_free_day_has_every_start_and_names_both_therapists(clinic: Clinic) -> None:
    found = find(clinic)

    assert [clock(found[0]), clock(found[-1]), len(found)] == ["08:00", "16:10", 99]
    assert {unit for _, unit in found[0].units} == {str(one.pk) for one in clinic.therapists}


def test_who_is_busy_is_not_named(clinic: Clinic) -> None:
    tess, toni = clinic.therapists
    make_appointment(
        make_patient(), make_service("therapy"), clinic.site, at("2026-12-01 08:00"), [tess]
    )

    first = find(clinic)[0]
    assert (clock(first), first.units) == ("08:00", (("therapist", str(toni.pk)),))
    assert clock(find(clinic, practitioner=str(tess.pk))[0]) == "08:50"


def test_a_session_by_video_needs_no_room(clinic: Clinic) -> None:
    for room in clinic.rooms:
        room.active = False
        room.save()

    assert find(clinic) == []
    assert len(find(clinic, mode="video")) == 99


@pytest.mark.parametrize(("staff", "first"), [(False, "14:00"), (True, "12:00")])
def test_patients_are_shown_nothing_sooner_than_the_lead_time(
    clinic: Clinic, staff: bool, first: str
) -> None:
    today = {"start": at("2026-11-23 00:00"), "end": at("2026-11-24 00:00")}

    assert clock(find(clinic, "review", staff=staff, **today)[0]) == first


def test_the_patient_cannot_be_in_two_places(clinic: Clinic) -> None:
    ada = make_patient()
    review = make_service("review")
    make_appointment(ada, review, clinic.site, at("2026-12-01 08:00"), [clinic.prescriber])

    assert clock(find(clinic, patient=ada)[0]) == "09:00"


def test_the_period_is_half_open(clinic: Clinic) -> None:
    found = find(clinic, start=at("2026-12-01 09:00"), end=at("2026-12-01 09:30"))

    assert [clock(opening) for opening in found] == [
        f"09:{minute:02}" for minute in range(0, 30, 5)
    ]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime.min.replace(tzinfo=NOW.tzinfo) + timedelta(days=2), NOW),
        (NOW + timedelta(days=400), NOW + timedelta(days=430)),
        (at("9999-12-01 00:00"), at("9999-12-30 00:00")),
    ],
)
def test_outside_the_horizon_there_is_nothing(
    clinic: Clinic, start: datetime, end: datetime
) -> None:
    assert find(clinic, start=start, end=end) == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"service": "yoga"}, "service"),
        ({"mode": "smoke_signals"}, "mode"),
        ({"role": "nurse"}, "role"),
        ({"practitioner": "00000000-0000-0000-0000-000000000000"}, "practitioner"),
    ],
)
def test_what_is_unknown_is_refused(clinic: Clinic, asked: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        find(clinic, **asked)
    [refusal] = refused.value.refusals
    assert (refusal.code, refusal.facts["field"]) == (Code.UNKNOWN, field)


@pytest.mark.parametrize("bookings", [1, 3])
def test_query_counts_do_not_grow(
    clinic: Clinic, bookings: int, django_assert_num_queries: type[CaptureQueriesContext]
) -> None:
    find(clinic)
    ada = make_patient()
    for hour in range(bookings):
        start = at("2026-12-01 09:00") + timedelta(hours=hour)
        make_appointment(ada, make_service("therapy"), clinic.site, start, [clinic.therapists[0]])

    with django_assert_num_queries(2):
        find(clinic)
    with django_assert_num_queries(2):
        find(clinic, patient=ada)
