"""A booked session is offered exactly the starts that keep the rules of its course."""

from datetime import date, datetime

import pytest
from django.test.utils import CaptureQueriesContext

from scheduling.core.openings import Opening
from scheduling.core.walltime import local
from scheduling.models import Appointment, CarePlan
from scheduling.selectors.moves import openings_of_session
from tests.factories import (
    NOW,
    Clinic,
    at,
    make_appointment,
    make_care_plan,
    make_clinic,
    make_patient,
    make_service,
)

pytestmark = pytest.mark.django_db(transaction=True)
WEEKS = {"start": at("2026-11-23 00:00"), "end": at("2026-12-21 00:00")}


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def plan(clinic: Clinic) -> CarePlan:
    """Three infusions; the protocol wants 2 to 7 days from one to the next."""
    plan = make_care_plan(make_patient(), clinic.site, earliest=date(2026, 11, 23))
    for number, day in enumerate(("2026-12-01", "2026-12-04", "2026-12-08"), start=1):
        infuse(plan, clinic, f"inf.{number}", at(f"{day} 09:00"))
    return plan


def infuse(plan: CarePlan, clinic: Clinic, step: str, start: datetime) -> Appointment:
    return make_appointment(
        plan.patient,
        make_service("infusion"),
        plan.site,
        start,
        [clinic.chairs[0], clinic.nurses[0]],
        care_plan=plan,
        step=step,
        minutes=130,
    )


def days(openings: list[Opening]) -> list[str]:
    zone = "America/Denver"
    return list(dict.fromkeys(f"{local(one.start, zone):%m-%d}" for one in openings))


def test_between_its_neighbours(plan: CarePlan) -> None:
    second = plan.appointments.get(step="inf.2")

    found = openings_of_session(second, now=NOW, **WEEKS)

    assert days(found) == ["12-03", "12-04"]
    assert int(second.start.timestamp()) in {opening.start for opening in found}


def test_further_when_the_rest_may_follow(plan: CarePlan) -> None:
    second = plan.appointments.get(step="inf.2")

    found = openings_of_session(second, now=NOW, cascade=True, **WEEKS)

    # The first may move too; what comes before it is not booked here and so does not bind.
    assert {"12-02", "12-09", "12-16"} <= set(days(found))


def test_what_has_happened_holds_the_rest_back(plan: CarePlan) -> None:
    Appointment.objects.filter(step="inf.1").update(status="fulfilled")
    second = plan.appointments.get(step="inf.2")
    now = at("2026-12-02 12:00")

    found = openings_of_session(second, now=now, cascade=True, **WEEKS)

    assert days(found) == ["12-03", "12-04", "12-07", "12-08"]


def test_the_therapist_stays(clinic: Clinic, plan: CarePlan) -> None:
    tess = clinic.therapists[0]
    therapy = make_service("therapy")
    for step, day in (("integ.1", "2026-12-02"), ("integ.2", "2026-12-07")):
        make_appointment(
            plan.patient,
            therapy,
            plan.site,
            at(f"{day} 14:00"),
            [tess, clinic.rooms[0]],
            care_plan=plan,
            step=step,
        )
    taken = at("2026-12-03 08:00")
    make_appointment(make_patient("Bob"), therapy, plan.site, taken, [tess])

    found = openings_of_session(plan.appointments.get(step="integ.1"), now=NOW, **WEEKS)

    assert {unit for opening in found for _, unit in opening.units} == {str(tess.pk)}
    starts = {opening.start - int(taken.timestamp()) for opening in found}
    assert 50 * 60 in starts
    assert starts.isdisjoint(range(0, 50 * 60))


def test_a_session_outside_any_course_goes_anywhere_free(clinic: Clinic) -> None:
    visit = make_appointment(
        make_patient(),
        make_service("therapy"),
        clinic.site,
        at("2026-12-01 09:00"),
        [clinic.therapists[0], clinic.rooms[0]],
    )

    found = openings_of_session(
        visit, start=at("2026-12-01 00:00"), end=at("2026-12-02 00:00"), now=NOW
    )

    assert len(found) == 99


def test_nothing_past_is_offered(plan: CarePlan) -> None:
    second = plan.appointments.get(step="inf.2")
    now = at("2026-12-03 12:02")

    found = openings_of_session(second, now=now, **WEEKS)

    assert local(found[0].start, "America/Denver").strftime("%m-%d %H:%M") == "12-03 12:15"


@pytest.mark.parametrize("infusions", [1, 3])
def test_query_counts_do_not_grow(
    clinic: Clinic, infusions: int, django_assert_num_queries: type[CaptureQueriesContext]
) -> None:
    plan = make_care_plan(make_patient(), clinic.site)
    for number in range(1, infusions + 1):
        infuse(plan, clinic, f"inf.{number}", at(f"2026-12-0{2 * number} 09:00"))
    rows = plan.appointments.select_related("site", "patient", "care_plan__protocol_version")
    first = rows.get(step="inf.1")
    openings_of_session(first, now=NOW, **WEEKS)

    with django_assert_num_queries(5):
        openings_of_session(first, now=NOW, **WEEKS)
