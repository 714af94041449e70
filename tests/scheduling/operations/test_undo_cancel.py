"""What a patient cancels on a dosing day can be taken back until noon of the next."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.models import Patient
from scheduling.core.refusals import Refused
from scheduling.models import Appointment, CarePlan, Event, Gate, StaffTask
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from scheduling.operations.complete import complete_if_over
from scheduling.operations.pause import pause
from scheduling.operations.undo_cancel import undo_cancel
from scheduling.selectors.undo import undo_deadlines
from tests.factories import (
    NOW,
    Clinic,
    at,
    make_appointment,
    make_clinic,
    make_patient,
    make_protocol_version,
    make_user,
)
from tests.scheduling.operations.booking import book

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def ada() -> Patient:
    return make_patient(user=make_user("ada@example.org"))


@pytest.fixture
def plan(clinic: Clinic, ada: Patient) -> CarePlan:
    desk = Actor.of(make_user("desk@example.org", "front_desk"))
    return book(clinic, make_protocol_version("trd_iv6"), ada, desk)


def session(plan: CarePlan, step: str) -> Appointment:
    return plan.appointments.get(step=step)


def evening_of(plan: CarePlan, step: str) -> datetime:
    """After that session, on its local day."""
    return session(plan, step).end + timedelta(hours=1)


def give_up(plan: CarePlan, step: str, patient: Patient, now: datetime) -> Appointment:
    return cancel(
        actor=Actor.of(patient.user),
        appointment=session(plan, step),
        reason="patient_request",
        version=None,
        now=now,
    )


def next_day_at(wall: str, plan: CarePlan, step: str) -> datetime:
    day = session(plan, step).start.astimezone(NOW.tzinfo).date() + timedelta(days=1)
    return at(f"{day} {wall}")


def test_the_session_is_back_at_its_time_and_nothing_is_owed(plan: CarePlan, ada: Patient) -> None:
    evening = evening_of(plan, "inf.1")
    Appointment.objects.filter(step__in=["eval.1", "prep.1", "prep.2", "inf.1"]).update(
        status="fulfilled"
    )
    lost = give_up(plan, "inf.2", ada, evening)
    Appointment.objects.filter(pk=lost.pk).update(late=True)

    again = undo_cancel(
        actor=Actor.of(ada.user), appointment=lost, now=evening + timedelta(hours=2)
    )

    assert (again.step, again.start, again.status) == ("inf.2", lost.start, "booked")
    lost.refresh_from_db()
    assert (lost.status, lost.late) == ("cancelled", False)
    assert StaffTask.objects.get(kind="step_cancelled").outcome == "rebooked"
    assert Event.objects.get(verb="cancel_undone").actor == ada.user
    assert Gate.objects.filter(appointment=again, code="ride").exists()


@pytest.mark.parametrize(("wall", "possible"), [("11:59", True), ("12:00", False)])
def test_until_noon_of_the_next_day_at_the_clinic(
    plan: CarePlan, ada: Patient, wall: str, possible: bool
) -> None:
    lost = give_up(plan, "review.1", ada, evening_of(plan, "inf.1"))

    deadlines = undo_deadlines(plan, next_day_at(wall, plan, "inf.1"))

    assert deadlines == ({lost.pk: next_day_at("12:00", plan, "inf.1")} if possible else {})


def test_a_day_without_a_treatment_has_no_undo(plan: CarePlan, ada: Patient) -> None:
    lost = give_up(plan, "inf.2", ada, NOW)

    with pytest.raises(Refused, match=r"^wrong_state$"):
        undo_cancel(actor=Actor.of(ada.user), appointment=lost, now=NOW)

    assert not plan.appointments.filter(step="inf.2", status="booked").exists()


def test_what_the_clinic_cancelled_is_not_the_patients_to_take_back(
    plan: CarePlan, ada: Patient
) -> None:
    evening = evening_of(plan, "inf.1")
    desk = Actor.of(make_user("", "front_desk"))
    lost = cancel(
        actor=desk, appointment=session(plan, "inf.2"), reason="clinic", version=None, now=evening
    )

    with pytest.raises(Refused, match=r"^wrong_state$"):
        undo_cancel(actor=Actor.of(ada.user), appointment=lost, now=evening)


def test_it_is_taken_back_once(plan: CarePlan, ada: Patient) -> None:
    evening = evening_of(plan, "inf.1")
    lost = give_up(plan, "inf.2", ada, evening)
    undo_cancel(actor=Actor.of(ada.user), appointment=lost, now=evening)

    with pytest.raises(Refused, match=r"^wrong_state$"):
        undo_cancel(actor=Actor.of(ada.user), appointment=lost, now=evening)

    assert plan.appointments.filter(step="inf.2", status="booked").count() == 1


def test_a_stranger_takes_nothing_back(plan: CarePlan, ada: Patient) -> None:
    evening = evening_of(plan, "inf.1")
    lost = give_up(plan, "inf.2", ada, evening)
    otto = make_patient("Otto", "Olsen", user=make_user("otto@example.org"))

    with pytest.raises(Refused, match=r"^not_allowed$"):
        undo_cancel(actor=Actor.of(otto.user), appointment=lost, now=evening)


def test_somebody_who_took_the_time_meanwhile_keeps_it(
    clinic: Clinic, plan: CarePlan, ada: Patient
) -> None:
    evening = evening_of(plan, "inf.1")
    lost = give_up(plan, "inf.2", ada, evening)
    make_appointment(
        make_patient("Grace"),
        lost.service,
        clinic.site,
        lost.start,
        [*clinic.chairs, *clinic.nurses],
        minutes=130,
    )

    with pytest.raises(Refused) as refused:
        undo_cancel(actor=Actor.of(ada.user), appointment=lost, now=evening)

    assert {one.code for one in refused.value.refusals} <= {"no_plan", "taken", "no_staff"}
    assert not plan.appointments.filter(step="inf.2", status="booked").exists()
    assert StaffTask.objects.get(kind="step_cancelled").finished_at is None
    assert not Event.objects.filter(verb="cancel_undone").exists()


def test_a_course_that_was_over_with_it_goes_on(plan: CarePlan, ada: Patient) -> None:
    last = plan.appointments.order_by("-start").first()
    assert last is not None
    others = plan.appointments.exclude(pk=last.pk)
    others.update(status="fulfilled")
    treatment = plan.appointments.get(step="inf.6")
    evening = treatment.end + timedelta(hours=1)
    lost = give_up(plan, last.step, ada, evening)
    plan.refresh_from_db()
    assert plan.status == "completed"

    undo_cancel(actor=Actor.of(ada.user), appointment=lost, now=evening)

    plan.refresh_from_db()
    assert plan.status == "active"
    assert not complete_if_over(plan, actor=Actor.sweep(), now=evening)


def test_a_paused_course_is_talked_about_first(plan: CarePlan, ada: Patient) -> None:
    evening = evening_of(plan, "inf.1")
    lost = give_up(plan, "review.1", ada, evening)
    CarePlan.objects.update(status="on_hold")

    with pytest.raises(Refused, match=r"^wrong_state$"):
        undo_cancel(actor=Actor.of(ada.user), appointment=lost, now=evening)


def test_what_a_pause_gave_back_is_not_taken_back_alone(plan: CarePlan, ada: Patient) -> None:
    evening = evening_of(plan, "inf.1")
    mine = Actor.of(ada.user)
    pause(actor=mine, care_plan=plan, reason="hard_session", version=None, now=evening)
    given_back = plan.appointments.get(step="inf.2")
    CarePlan.objects.update(status="active")

    assert given_back.status == "cancelled"
    assert undo_deadlines(CarePlan.objects.get(), evening) == {}


def test_who_drives_need_not_be_said_twice(plan: CarePlan, ada: Patient) -> None:
    evening = evening_of(plan, "inf.1")
    ride = Gate.objects.filter(appointment__step="inf.2", code="ride")
    ride.update(status="closed", note="Grace Hopper, 303 555 0101", closed_by=ada.user)
    lost = give_up(plan, "inf.2", ada, evening)

    again = undo_cancel(actor=Actor.of(ada.user), appointment=lost, now=evening)

    gates = {gate.code: gate for gate in again.gates.all()}
    assert (gates["ride"].status, gates["ride"].note) == ("closed", "Grace Hopper, 303 555 0101")
    assert gates["screening"].status == "open"
