"""Who may take an appointment or a care plan from one state to the next."""

from __future__ import annotations

from enum import StrEnum

import pytest

from scheduling.core import reasons
from scheduling.core.refusals import Code, refuse
from scheduling.core.roles import Role
from scheduling.core.states import (
    APPOINTMENT,
    BLOCKING,
    CARE_PLAN,
    TERMINAL,
    AppointmentState,
    CarePlanState,
    allowed,
    discharge_refusals,
    transition_refusals,
)

A, C = AppointmentState, CarePlanState


def test_an_appointment_moves_exactly_as_the_product_says() -> None:
    steps = {(step.source.value, step.target.value) for step in APPOINTMENT if not step.correction}
    assert steps == {
        ("held", "booked"),
        ("held", "expired"),
        ("held", "released"),
        ("booked", "arrived"),
        ("booked", "cancelled"),
        ("booked", "noshow"),
        ("arrived", "in_progress"),
        ("arrived", "not_treated"),
        ("arrived", "cancelled"),
        ("in_progress", "recovering"),
        ("in_progress", "fulfilled"),
        ("in_progress", "stopped"),
        ("recovering", "fulfilled"),
    }


def test_only_arrived_noshow_and_fulfilled_are_taken_back_each_with_a_reason() -> None:
    corrections = [step for step in APPOINTMENT if step.correction]
    assert {step.source for step in corrections} == {A.ARRIVED, A.NOSHOW, A.FULFILLED}
    assert all(step.needs_reason for step in corrections)


def test_a_care_plan_moves_exactly_as_the_product_says() -> None:
    steps = {(step.source.value, step.target.value) for step in CARE_PLAN if not step.correction}
    assert steps == {
        ("held", "active"),
        ("held", "expired"),
        ("held", "released"),
        ("active", "completed"),
        ("active", "on_hold"),
        ("on_hold", "active"),
        ("active", "revoked"),
        ("on_hold", "revoked"),
    }


def test_nothing_follows_a_terminal_state_but_a_correction() -> None:
    assert {A.HELD, A.BOOKED, A.ARRIVED, A.IN_PROGRESS, A.RECOVERING} == BLOCKING
    assert all(step.correction for step in APPOINTMENT if step.source in TERMINAL)
    assert {step.source for step in APPOINTMENT} >= BLOCKING


@pytest.mark.parametrize(
    ("state", "role", "recovery", "targets"),
    [
        (A.HELD, Role.PATIENT, False, {"booked", "released"}),
        (A.HELD, Role.SYSTEM, False, {"expired"}),
        (A.BOOKED, Role.PATIENT, False, {"cancelled"}),
        (A.BOOKED, Role.FRONT_DESK, False, {"arrived", "cancelled", "noshow"}),
        (A.ARRIVED, Role.PATIENT, True, set()),
        (A.ARRIVED, Role.FRONT_DESK, True, {"cancelled", "booked"}),
        (A.ARRIVED, Role.NURSE, True, {"in_progress", "not_treated", "cancelled", "booked"}),
        (A.IN_PROGRESS, Role.NURSE, True, {"recovering", "stopped"}),
        (A.IN_PROGRESS, Role.CLINICIAN, False, {"fulfilled", "stopped"}),
        (A.IN_PROGRESS, Role.FRONT_DESK, False, set()),
        (A.RECOVERING, Role.NURSE, True, {"fulfilled"}),
        (A.FULFILLED, Role.NURSE, True, {"recovering"}),
        (A.FULFILLED, Role.CLINICIAN, False, {"in_progress"}),
        (A.CANCELLED, Role.MANAGER, False, set()),
    ],
)
def test_what_somebody_may_do_next(
    state: AppointmentState, role: Role, recovery: bool, targets: set[str]
) -> None:
    steps = allowed(APPOINTMENT, state, [role], recovery=recovery)
    assert {step.target.value for step in steps} == targets


def test_somebody_with_several_roles_may_do_what_any_of_them_may() -> None:
    steps = allowed(APPOINTMENT, A.IN_PROGRESS, [Role.FRONT_DESK, Role.NURSE], recovery=True)
    assert {step.target for step in steps} == {A.RECOVERING, A.STOPPED}


def test_every_reason_against_a_step_is_told_at_once() -> None:
    assert transition_refusals(APPOINTMENT, A.ARRIVED, A.NOT_TREATED, [Role.FRONT_DESK]) == (
        refuse(Code.NOT_ALLOWED, action="not_treated", role="front_desk"),
        refuse(Code.REASON_NEEDED, action="not_treated"),
    )


def test_a_step_that_does_not_exist_names_the_state() -> None:
    assert transition_refusals(APPOINTMENT, A.CANCELLED, A.ARRIVED, [Role.MANAGER]) == (
        refuse(Code.WRONG_STATE, state="cancelled", action="arrived"),
    )
    # A service without recovery never recovers.
    assert transition_refusals(APPOINTMENT, A.IN_PROGRESS, A.RECOVERING, [Role.NURSE]) == (
        refuse(Code.WRONG_STATE, state="in_progress", action="recovering"),
    )


def test_a_coded_reason_comes_from_its_list_and_a_correction_says_why_in_words() -> None:
    nurse = [Role.NURSE]
    not_treated = (APPOINTMENT, A.ARRIVED, A.NOT_TREATED, nurse)
    assert transition_refusals(*not_treated, reason="no_ride") == ()
    assert transition_refusals(*not_treated, reason="bad mood") == (
        refuse(Code.UNKNOWN, field="reason", value="bad mood"),
    )
    back = (APPOINTMENT, A.NOSHOW, A.BOOKED, nurse)
    assert transition_refusals(*back, reason="Was in the waiting room") == ()
    assert transition_refusals(*back, reason="  ") == (refuse(Code.REASON_NEEDED, action="booked"),)


def test_revoking_and_pausing_a_course_need_a_coded_reason() -> None:
    desk = [Role.FRONT_DESK]
    assert transition_refusals(CARE_PLAN, C.ACTIVE, C.REVOKED, desk, reason="non_response") == ()
    assert transition_refusals(CARE_PLAN, C.ACTIVE, C.ON_HOLD, desk) == (
        refuse(Code.REASON_NEEDED, action="on_hold"),
    )


def test_a_patient_may_pause_a_course_but_not_resume_or_end_it() -> None:
    def after(state: CarePlanState) -> set[str]:
        return {step.target.value for step in allowed(CARE_PLAN, state, [Role.PATIENT])}

    assert after(C.ACTIVE) == {"on_hold"}
    assert after(C.ON_HOLD) == set()


def test_only_a_prescriber_discharges_before_the_minimum_observation() -> None:
    early = (refuse(Code.OBSERVATION, minimum_minutes=120),)
    assert discharge_refusals(119, 120, [Role.NURSE]) == early
    assert discharge_refusals(120, 120, [Role.NURSE]) == ()
    assert discharge_refusals(30, 120, [Role.NURSE, Role.PRESCRIBER]) == ()


def test_the_coded_reasons_for_not_treating() -> None:
    assert set(reasons.NotTreated) == {"ate", "blood_pressure", "no_ride", "unwell", "left"}
    lists: list[type[StrEnum]] = [step.reasons for step in APPOINTMENT if step.reasons]
    assert set(lists) == {reasons.Cancelled, reasons.NotTreated, reasons.Stopped}
