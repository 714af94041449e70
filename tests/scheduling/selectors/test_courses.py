"""A booked plan comes back as the course it was made from, and the sessions it has."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.core.plan import Taken
from scheduling.core.refusals import Code, Refused
from scheduling.models import Appointment, CarePlan, Reservation
from scheduling.selectors import protocols, services
from scheduling.selectors.courses import (
    course_from,
    course_of,
    read_sessions,
    session_of,
    sessions_of,
    warnings_of,
)
from tests.factories import (
    Clinic,
    at,
    make_appointment,
    make_care_plan,
    make_clinic,
    make_patient,
    make_protocol_version,
    make_service,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


def infuse(
    plan: CarePlan, clinic: Clinic, step: str, start: datetime, **fields: str
) -> Appointment:
    return make_appointment(
        plan.patient,
        make_service("infusion"),
        plan.site,
        start,
        [clinic.chairs[0], clinic.nurses[0]],
        care_plan=plan,
        step=step,
        minutes=130,
        **fields,
    )


def give_up(appointment: Appointment) -> None:
    appointment.reservations.all().delete()
    appointment.patient_time.delete()
    appointment.treatment_spacing.delete()
    Appointment.objects.filter(pk=appointment.pk).update(status="cancelled")


def test_a_plan_with_its_blocks_has_22_sessions(clinic: Clinic) -> None:
    plan = make_care_plan(make_patient(), clinic.site, blocks=["counsel", "lifestyle"])

    course = course_of(plan)

    assert len(course.steps) == 22
    assert course == course_from(plan.protocol_version, blocks=["counsel", "lifestyle"])


def test_without_evaluation_the_plan_was_made_for_a_cleared_patient(clinic: Clinic) -> None:
    plan = make_care_plan(make_patient(), clinic.site)
    infuse(plan, clinic, "inf.1", at("2026-12-01 09:00"))

    steps = {step.id for step in course_of(plan).steps}

    assert "eval.1" not in steps
    assert "inf.1" in steps


def test_added_steps_belong_to_the_course(clinic: Clinic) -> None:
    plan = make_care_plan(make_patient(), clinic.site)
    infuse(plan, clinic, "maint.1", at("2026-12-01 09:00"))

    steps = [step.id for step in course_of(plan).steps]

    assert [step for step in steps if step.startswith("maint")] == ["maint.1"]


def test_modes_are_kept(clinic: Clinic) -> None:
    plan = make_care_plan(make_patient(), clinic.site, modes={"therapy": "video"})

    service = course_of(plan).step("prep.1").service

    assert service.mode == "video"
    assert "therapy_room" not in {need.role for need in service.requirements}


def test_an_unknown_block_is_refused(clinic: Clinic) -> None:
    with pytest.raises(Refused) as refused:
        course_from(make_protocol_version(), blocks=["yoga"])
    assert [refusal.code for refusal in refused.value.refusals] == [Code.UNKNOWN]


def test_sessions_show_who_is_bound_and_how_many_lanes_it_takes(clinic: Clinic) -> None:
    plan = make_care_plan(make_patient(), clinic.site)
    infusion = infuse(plan, clinic, "inf.1", at("2026-12-01 09:00"))
    alone = infusion.reservations.get(role="nurse")
    Reservation.objects.create(
        resource=alone.resource, lane=1, during=alone.during, role="nurse", appointment=infusion
    )
    infuse(plan, clinic, "inf.2", at("2026-12-03 09:00"))
    start, end = int(infusion.start.timestamp()), int(infusion.end.timestamp())

    sessions = sessions_of(plan)

    assert sessions.keys() == {"inf.1", "inf.2"}
    assert (sessions["inf.1"].start, sessions["inf.1"].end) == (start, end)
    assert set(sessions["inf.1"].taken) == {
        Taken("infusion_chair", str(clinic.chairs[0].pk), start, end, 1),
        Taken("nurse", str(clinic.nurses[0].pk), start, end, 2),
    }


def test_many_sessions_read_at_once_are_what_each_is_alone(clinic: Clinic) -> None:
    plan = make_care_plan(make_patient(), clinic.site)
    first = infuse(plan, clinic, "inf.1", at("2026-12-01 09:00"))
    alone = first.reservations.get(role="nurse")
    Reservation.objects.create(
        resource=alone.resource, lane=1, during=alone.during, role="nurse", appointment=first
    )
    second = infuse(plan, clinic, "inf.2", at("2026-12-03 09:00"))
    gone = infuse(plan, clinic, "inf.3", at("2026-12-05 09:00"))
    give_up(gone)

    with CaptureQueriesContext(connection) as queries:
        found = read_sessions([first, second, gone])

    assert len(queries) == 1
    assert found == {one.pk: session_of(one) for one in (first, second, gone)}
    assert found[gone.pk].taken == ()


def test_a_step_given_up_is_not_there(clinic: Clinic) -> None:
    plan = make_care_plan(make_patient(), clinic.site)
    give_up(infuse(plan, clinic, "inf.1", at("2026-12-01 09:00")))
    again = infuse(plan, clinic, "inf.1", at("2026-12-02 09:00"))

    assert sessions_of(plan)["inf.1"].start == int(again.start.timestamp())


def test_a_gap_that_grew_too_long_is_a_warning(clinic: Clinic) -> None:
    plan = make_care_plan(make_patient(), clinic.site)
    infuse(plan, clinic, "inf.1", at("2026-12-01 09:00"))
    infuse(plan, clinic, "inf.2", at("2026-12-09 09:00"))

    [warning] = warnings_of(plan)

    assert (warning.code, warning.facts["days"], warning.facts["max"]) == (Code.GAP, 8, 7)


@pytest.mark.parametrize("sessions", [1, 3])
def test_query_counts_do_not_grow(
    clinic: Clinic, sessions: int, django_assert_num_queries: type[CaptureQueriesContext]
) -> None:
    plan = make_care_plan(make_patient(), clinic.site)
    for number in range(sessions):
        infuse(plan, clinic, f"inf.{number + 1}", at(f"2026-12-0{1 + 2 * number} 09:00"))
    known = services.definitions()

    with django_assert_num_queries(2):
        sessions_of(plan)
    with django_assert_num_queries(1):
        course_of(plan, known)
    with django_assert_num_queries(2):
        course_of(plan)


def test_courses_for_patients_leave_out_what_staff_alone_may_book() -> None:
    for slug in ("trd_iv6", "crps_10day", "anx_ocd_iv6"):
        make_protocol_version(slug)

    assert [course.slug for course in protocols.bookable_online()] == ["trd_iv6"]
    assert protocols.bookable_online()[0].blocks == ("counsel", "lifestyle")


def test_the_latest_version_is_found() -> None:
    first = make_protocol_version("trd_iv6")
    first.pk, first.number = None, 2
    first.save()

    assert protocols.latest("trd_iv6").number == 2
    with pytest.raises(Refused):
        protocols.latest("unheard_of")
