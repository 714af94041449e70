"""Who may close and who may override each gate."""

from __future__ import annotations

import pytest

from scheduling.core.gates import AUTHORITY, Gate, close_refusals, override_refusals
from scheduling.core.refusals import Code, refuse
from scheduling.core.roles import Role


def test_the_list_of_gates_is_closed_and_each_has_somebody_who_answers_for_it() -> None:
    assert [gate.value for gate in Gate] == [
        "clearance",
        "consent",
        "screening",
        "questionnaire",
        "education",
        "ride",
        "fasting",
        "rems",
    ]
    assert set(AUTHORITY) == set(Gate)
    assert all(authority.close for authority in AUTHORITY.values())


@pytest.mark.parametrize("gate", [Gate.CLEARANCE, Gate.CONSENT, Gate.REMS])
@pytest.mark.parametrize("role", list(Role))
def test_clearance_consent_and_rems_are_never_overridden(gate: Gate, role: Role) -> None:
    assert override_refusals(gate, [role], "The patient insists") == (
        refuse(Code.OVERRIDE_NOT_ALLOWED, rule=gate.value),
    )


def test_only_a_prescriber_clears() -> None:
    assert close_refusals(Gate.CLEARANCE, [Role.PRESCRIBER]) == ()
    assert close_refusals(Gate.CLEARANCE, [Role.NURSE]) == (
        refuse(Code.NOT_ALLOWED, action="close clearance", role="nurse"),
    )


def test_an_override_always_needs_a_reason() -> None:
    assert override_refusals(Gate.RIDE, [Role.NURSE], "Sister waits in the car") == ()
    assert override_refusals(Gate.RIDE, [Role.NURSE], " ") == (
        refuse(Code.REASON_NEEDED, action="override ride"),
    )
    assert override_refusals(Gate.SCREENING, [Role.FRONT_DESK], "") == (
        refuse(Code.OVERRIDE_NOT_ALLOWED, rule="screening"),
        refuse(Code.REASON_NEEDED, action="override screening"),
    )


def test_a_patient_closes_what_is_theirs_to_say() -> None:
    closes = {gate for gate in Gate if not close_refusals(gate, [Role.PATIENT])}
    assert closes == {Gate.QUESTIONNAIRE, Gate.EDUCATION, Gate.RIDE}
