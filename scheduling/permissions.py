"""Who may do what: one table, and whatever is not in it is denied.

A rule looks at the person and at the object. What the state of the object allows, and which gate
or transition belongs to which role, is not said here but in `core.states` and `core.gates`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from django.contrib.auth.models import AnonymousUser

from accounts.models import Patient, User
from scheduling.core.roles import STAFF, Role
from scheduling.models import Appointment, CarePlan, StaffTask, WaitlistEntry, WaitlistOffer

Person = User | AnonymousUser
Thing = Patient | CarePlan | Appointment | StaffTask | WaitlistEntry | WaitlistOffer | None
Rule = Callable[[User, Thing], bool]


class Action(StrEnum):
    """The closed list of things a rule exists for."""

    # A patient's own affairs.
    VIEW = "view"  # patient, plan or appointment, with its history
    BOOK = "book"  # patient: hold a course or a session for them
    CONFIRM = "confirm"
    RELEASE = "release"
    EXTEND = "extend"
    ADD_BLOCK = "add_block"
    REBOOK = "rebook"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    PAUSE = "pause"
    JOIN_WAITLIST = "join_waitlist"
    ANSWER_OFFER = "answer_offer"  # of the waitlist
    SET_GATE = "set_gate"  # which gate: core.gates
    # The clinic's work.
    FIND_PATIENTS = "find_patients"
    CREATE_PATIENT = "create_patient"
    INVITE_PATIENT = "invite_patient"  # to a record the clinic has made
    INVITE_STAFF = "invite_staff"
    RECOVER_PATIENT = "recover_patient"  # give a code to somebody who is locked out
    RECOVER_STAFF = "recover_staff"
    VIEW_BOARD = "view_board"
    TRANSITION = "transition"  # which step: core.states
    RESUME = "resume"
    REVOKE = "revoke"
    SEND_AGAIN = "send_again"  # a message to a patient, and what became of one
    CLOSE = "close"  # close a site or a resource for a while, and reopen it
    STEER_WAITLIST = "steer_waitlist"  # its order, and offers by hand
    WORK_ON_TASK = "work_on_task"
    OVERRIDE_SPACING = "override_spacing"
    # Medical decisions.
    CLEAR = "clear"
    BOOK_SECOND_TREATMENT_PLAN = "book_second_treatment_plan"
    READ_ANSWERS = "read_answers"  # what patients say about their health, and their scores
    RECORD_FORM = "record_form"  # a result or form that the protocol asks staff for
    # Alerts.
    VIEW_ALERTS = "view_alerts"
    ACKNOWLEDGE_ALERT = "acknowledge_alert"
    END_ALERT = "end_alert"
    # Setting up the clinic.
    EDIT_CLINIC = "edit_clinic"  # hours, resources, groups, protocols
    VIEW_REPORTS = "view_reports"
    # What is read.
    EDIT_PAGES = "edit_pages"
    SIGN_PAGES = "sign_pages"  # say that a page was reviewed


def roles_of(user: Person) -> frozenset[Role]:
    """What a person acts as: their staff roles, or else a patient. Nothing when not signed in."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    return frozenset(map(Role, user.roles)) or frozenset({Role.PATIENT})


def may(user: Person, action: str, thing: Thing = None) -> bool:
    """Whether the policy lets `user` do `action` to `thing`."""
    rule = POLICY.get(action)
    return isinstance(user, User) and user.is_active and rule is not None and rule(user, thing)


def _any_of(*roles: Role) -> Rule:
    return lambda user, thing: not roles_of(user).isdisjoint(roles)


def _own(user: User, thing: Thing) -> bool:
    patient = thing if isinstance(thing, Patient) else getattr(thing, "patient", None)
    return patient is not None and patient.user_id == user.pk


def _own_or_staff(user: User, thing: Thing) -> bool:
    return user.works_here or _own(user, thing)


def _for_the_role(user: User, thing: Thing) -> bool:
    """Tasks go to the role they name; front desk and managers may lend a hand with any but the
    prescriber's."""
    if not isinstance(thing, StaffTask):
        return user.works_here
    helpers = () if thing.role == Role.PRESCRIBER else (Role.FRONT_DESK, Role.MANAGER)
    return user.has_role(thing.role, *helpers)


_staff = _any_of(*STAFF)
_clinical = _any_of(Role.NURSE, Role.CLINICIAN, Role.PRESCRIBER)
_prescriber = _any_of(Role.PRESCRIBER)
_manager = _any_of(Role.MANAGER)

POLICY: Mapping[str, Rule] = {
    Action.VIEW: _own_or_staff,
    Action.BOOK: _own_or_staff,
    Action.CONFIRM: _own_or_staff,
    Action.RELEASE: _own_or_staff,
    Action.EXTEND: _own_or_staff,
    Action.ADD_BLOCK: _own_or_staff,
    Action.REBOOK: _own_or_staff,
    Action.RESCHEDULE: _own_or_staff,
    Action.CANCEL: _own_or_staff,
    Action.PAUSE: _own_or_staff,
    Action.JOIN_WAITLIST: _own_or_staff,
    Action.ANSWER_OFFER: _own_or_staff,
    Action.SET_GATE: _own_or_staff,
    Action.FIND_PATIENTS: _staff,
    Action.CREATE_PATIENT: _staff,
    Action.INVITE_PATIENT: _any_of(Role.FRONT_DESK, Role.MANAGER),
    Action.INVITE_STAFF: _manager,
    Action.RECOVER_PATIENT: _any_of(Role.FRONT_DESK, Role.MANAGER),
    Action.RECOVER_STAFF: _manager,
    Action.VIEW_BOARD: _staff,
    Action.TRANSITION: _staff,
    Action.RESUME: _staff,
    Action.REVOKE: _staff,
    Action.SEND_AGAIN: _any_of(Role.FRONT_DESK, Role.MANAGER),
    Action.CLOSE: _any_of(Role.FRONT_DESK, Role.MANAGER),
    Action.STEER_WAITLIST: _any_of(Role.FRONT_DESK, Role.MANAGER),
    Action.WORK_ON_TASK: _for_the_role,
    Action.OVERRIDE_SPACING: _clinical,
    Action.CLEAR: _prescriber,
    Action.BOOK_SECOND_TREATMENT_PLAN: _prescriber,
    Action.READ_ANSWERS: _clinical,
    Action.RECORD_FORM: _clinical,
    Action.VIEW_ALERTS: _staff,
    Action.ACKNOWLEDGE_ALERT: _staff,
    Action.END_ALERT: _any_of(Role.CLINICIAN, Role.PRESCRIBER),
    Action.EDIT_CLINIC: _manager,
    Action.VIEW_REPORTS: _manager,
    Action.EDIT_PAGES: _any_of(Role.CLINICIAN, Role.PRESCRIBER, Role.MANAGER),
    Action.SIGN_PAGES: _any_of(Role.CLINICIAN, Role.PRESCRIBER),
}
