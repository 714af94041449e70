"""The policy, written out a second time as a table of who may do what."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Patient, Role, User
from scheduling.models import StaffTask
from scheduling.permissions import POLICY, Action, may

ALL = "front_desk nurse clinician prescriber manager"
ALLOWED = {
    "view": ALL + " owner",
    "book": ALL + " owner",
    "confirm": ALL + " owner",
    "release": ALL + " owner",
    "extend": ALL + " owner",
    "add_block": ALL + " owner",
    "rebook": ALL + " owner",
    "reschedule": ALL + " owner",
    "cancel": ALL + " owner",
    "pause": ALL + " owner",
    "join_waitlist": ALL + " owner",
    "answer_offer": ALL + " owner",
    "set_gate": ALL + " owner",
    "find_patients": ALL,
    "create_patient": ALL,
    "invite_patient": "front_desk manager",
    "invite_staff": "manager",
    "recover_patient": "front_desk manager",
    "recover_staff": "manager",
    "view_board": ALL,
    "transition": ALL,
    "resume": ALL,
    "revoke": ALL,
    "send_again": "front_desk manager",
    "close": "front_desk manager",
    "steer_waitlist": "front_desk manager",
    "work_on_task": ALL,
    "override_spacing": "nurse clinician prescriber",
    "clear": "prescriber",
    "book_second_treatment_plan": "prescriber",
    "read_answers": "nurse clinician prescriber",
    "record_form": "nurse clinician prescriber",
    "view_alerts": ALL,
    "acknowledge_alert": ALL,
    "end_alert": "clinician prescriber",
    "edit_clinic": "manager",
    "view_reports": "manager",
    "edit_pages": "clinician prescriber manager",
    "sign_pages": "clinician prescriber",
}
OWNER = User(email="owner@example.org")
CAST = {
    "owner": OWNER,
    "stranger": User(email="stranger@example.org"),
    **{role: User(email=f"{role}@example.org", roles=[role]) for role in Role.values},
}
PATIENT = Patient(user=OWNER)


@pytest.mark.parametrize("action", list(Action))
def test_exactly_these_may(action: Action) -> None:
    # Tasks are asked about without one here: may this person work on tasks at all?
    thing = None if action == Action.WORK_ON_TASK else PATIENT

    may_do = {name for name, user in CAST.items() if may(user, action, thing)}

    assert may_do == set(ALLOWED[action].split())


def test_every_action_has_a_rule() -> None:
    assert POLICY.keys() == set(Action)


@pytest.mark.parametrize("action", list(Action))
def test_nobody_signed_in_may_nothing(action: Action) -> None:
    assert not may(AnonymousUser(), action, PATIENT)


@pytest.mark.parametrize("action", list(Action))
def test_somebody_who_left_may_nothing(action: Action) -> None:
    left = User(email="left@example.org", roles=list(Role), is_active=False)

    assert not may(left, action, PATIENT)


def test_what_no_rule_names_is_denied() -> None:
    assert not may(CAST["manager"], "drop_everything", PATIENT)


@pytest.mark.parametrize(
    ("task", "hands"),
    [
        ("front_desk", "front_desk manager"),
        ("nurse", "front_desk nurse manager"),
        ("prescriber", "prescriber"),
    ],
)
def test_a_task_is_for_its_role(task: str, hands: str) -> None:
    able = {name for name, user in CAST.items() if may(user, "work_on_task", StaffTask(role=task))}

    assert able == set(hands.split())
