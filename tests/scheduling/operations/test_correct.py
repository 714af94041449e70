"""Taking back what was keyed wrongly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.core.refusals import Refused
from scheduling.models import Appointment, CarePlan, Event, StaffTask, TreatmentSpacing
from scheduling.operations.transition import transition
from tests.factories import Clinic, at, make_patient
from tests.scheduling.operations.care import (
    actor,
    held_of,
    load_clinic,
    make_course,
    make_infusion,
    make_talk,
)

pytestmark = pytest.mark.django_db(transaction=True)

START = at("2026-12-01 09:00")
LATER = START + timedelta(minutes=20)


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


@pytest.fixture
def plan(clinic: Clinic) -> CarePlan:
    return make_course(make_patient(), clinic)


def key(appointment: Appointment, to: str, reason: str = "", role: str = "prescriber") -> None:
    transition(
        actor=actor(role), appointment=appointment, to=to, reason=reason, version=None, now=LATER
    )
    appointment.refresh_from_db()


def test_a_noshow_taken_back_holds_everything_again(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)
    before = held_of(infusion)
    key(infusion, "noshow")
    assert held_of(infusion) != before

    key(infusion, "booked", "sat in the other room", "front_desk")

    assert infusion.status == "booked"
    assert held_of(infusion) == before
    assert TreatmentSpacing.objects.filter(appointment=infusion).exists()
    assert StaffTask.objects.get().outcome == "corrected"
    event = Event.objects.latest("id")
    assert (event.verb, event.status_before, event.status_after, event.reason) == (
        "corrected",
        "noshow",
        "booked",
        "sat in the other room",
    )


def test_a_correction_needs_a_reason(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)
    key(infusion, "noshow")

    with pytest.raises(Refused, match="reason_needed"):
        key(infusion, "booked")
    infusion.refresh_from_db()
    assert infusion.status == "noshow"


def test_a_noshow_whose_chair_went_to_somebody_else_stands(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)
    key(infusion, "noshow")
    after = held_of(infusion)
    make_infusion(make_course(make_patient("Grace"), clinic), clinic, "inf.1", LATER)

    with pytest.raises(Refused, match="taken"):
        key(infusion, "booked", "she was here")

    infusion.refresh_from_db()
    assert infusion.status == "noshow"
    assert held_of(infusion) == after


def test_a_noshow_whose_patient_is_elsewhere_now_stands(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)
    key(infusion, "noshow")
    make_talk(plan, clinic, "prep.1", LATER)

    with pytest.raises(Refused, match="patient_busy"):
        key(infusion, "booked", "she was here")


def test_a_noshow_with_another_treatment_too_close_stands(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)
    key(infusion, "noshow")
    make_infusion(plan, clinic, "inf.2", START + timedelta(days=1))

    with pytest.raises(Refused, match="spacing"):
        key(infusion, "booked", "she was here")


def test_an_arrival_is_taken_back(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)
    before = held_of(infusion)
    key(infusion, "arrived")

    key(infusion, "booked", "wrong patient", "front_desk")

    assert infusion.status == "booked"
    assert held_of(infusion) == before


def test_a_session_ended_by_mistake_goes_on_and_so_does_its_course(
    clinic: Clinic, plan: CarePlan
) -> None:
    talk = make_talk(plan, clinic, "prep.1", START)
    before = held_of(talk)
    for to in ("arrived", "in_progress", "fulfilled"):
        key(talk, to)
    plan.refresh_from_db()
    assert plan.status == "completed"

    key(talk, "in_progress", "wrong row", "clinician")

    plan.refresh_from_db()
    assert (talk.status, plan.status) == ("in_progress", "active")
    assert held_of(talk) == before


def test_the_desk_does_not_take_back_a_discharge(clinic: Clinic, plan: CarePlan) -> None:
    talk = make_talk(plan, clinic, "prep.1", START)
    for to in ("arrived", "in_progress", "fulfilled"):
        key(talk, to)

    with pytest.raises(Refused, match="not_allowed"):
        key(talk, "in_progress", "wrong row", "front_desk")
