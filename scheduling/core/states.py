"""The states of an appointment, a care plan and a patient, and every step from one to the next.

The tables are the whole truth: what is not in them does not happen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from scheduling.core import reasons
from scheduling.core.refusals import Code, Refusal, refuse
from scheduling.core.roles import ANYBODY, CLINICAL, STAFF, Role


class AppointmentState(StrEnum):
    HELD = "held"
    BOOKED = "booked"
    ARRIVED = "arrived"
    IN_PROGRESS = "in_progress"
    RECOVERING = "recovering"
    FULFILLED = "fulfilled"
    EXPIRED = "expired"
    RELEASED = "released"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"
    NOT_TREATED = "not_treated"
    STOPPED = "stopped"


class CarePlanState(StrEnum):
    HELD = "held"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    EXPIRED = "expired"
    RELEASED = "released"
    REVOKED = "revoked"


class PatientStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    IN_HOSPITAL = "in_hospital"
    DO_NOT_CONTACT = "do_not_contact"
    DECEASED = "deceased"


SILENT = frozenset(
    {PatientStatus.IN_HOSPITAL, PatientStatus.DO_NOT_CONTACT, PatientStatus.DECEASED}
)
"""No message goes out, and future sessions are handed to a person."""


State = TypeVar("State", AppointmentState, CarePlanState)


@dataclass(frozen=True, slots=True)
class Transition(Generic[State]):
    """One step. `reasons` is the closed list from which its reason is chosen; a `correction` takes
    back what was keyed wrongly, with a reason in free words. `recovery`: only for services that
    have a recovery phase (True) or that have none (False)."""

    source: State
    target: State
    roles: frozenset[Role]
    reasons: type[StrEnum] | None = None
    correction: bool = False
    recovery: bool | None = None

    @property
    def needs_reason(self) -> bool:
        return self.correction or self.reasons is not None


_A = AppointmentState
_C = CarePlanState
_TIME = frozenset({Role.SYSTEM})

APPOINTMENT: tuple[Transition[AppointmentState], ...] = (
    Transition(_A.HELD, _A.BOOKED, ANYBODY),
    Transition(_A.HELD, _A.EXPIRED, _TIME),
    Transition(_A.HELD, _A.RELEASED, ANYBODY),
    Transition(_A.BOOKED, _A.ARRIVED, STAFF),
    Transition(_A.BOOKED, _A.CANCELLED, ANYBODY | _TIME, reasons.Cancelled),
    Transition(_A.BOOKED, _A.NOSHOW, STAFF),
    Transition(_A.ARRIVED, _A.IN_PROGRESS, CLINICAL),
    Transition(_A.ARRIVED, _A.NOT_TREATED, CLINICAL, reasons.NotTreated),
    Transition(_A.ARRIVED, _A.CANCELLED, STAFF, reasons.Cancelled),
    Transition(_A.IN_PROGRESS, _A.RECOVERING, CLINICAL, recovery=True),
    Transition(_A.IN_PROGRESS, _A.FULFILLED, CLINICAL, recovery=False),
    Transition(_A.IN_PROGRESS, _A.STOPPED, CLINICAL, reasons.Stopped),
    Transition(_A.RECOVERING, _A.FULFILLED, CLINICAL),
    Transition(_A.ARRIVED, _A.BOOKED, STAFF, correction=True),
    Transition(_A.NOSHOW, _A.BOOKED, STAFF, correction=True),
    Transition(_A.FULFILLED, _A.RECOVERING, CLINICAL, correction=True, recovery=True),
    Transition(_A.FULFILLED, _A.IN_PROGRESS, CLINICAL, correction=True, recovery=False),
)

CARE_PLAN: tuple[Transition[CarePlanState], ...] = (
    Transition(_C.HELD, _C.ACTIVE, ANYBODY),
    Transition(_C.HELD, _C.EXPIRED, _TIME),
    Transition(_C.HELD, _C.RELEASED, ANYBODY),
    Transition(_C.ACTIVE, _C.COMPLETED, STAFF | _TIME),
    Transition(_C.ACTIVE, _C.ON_HOLD, ANYBODY, reasons.Paused),
    Transition(_C.ON_HOLD, _C.ACTIVE, STAFF),
    Transition(_C.ACTIVE, _C.REVOKED, STAFF, reasons.Revoked),
    Transition(_C.ON_HOLD, _C.REVOKED, STAFF, reasons.Revoked),
    # Its last session was keyed wrongly.
    Transition(_C.COMPLETED, _C.ACTIVE, CLINICAL, correction=True),
)

BLOCKING = frozenset({_A.HELD, _A.BOOKED, _A.ARRIVED, _A.IN_PROGRESS, _A.RECOVERING})
"""The session keeps its people and places: its reservations guard their time."""

UPCOMING = frozenset({_A.HELD, _A.BOOKED})
"""Not yet begun: it may still be moved."""

TERMINAL = frozenset(_A) - BLOCKING
"""Nothing follows but a correction."""


def allowed(
    table: Iterable[Transition[State]],
    state: State,
    roles: Collection[Role],
    *,
    recovery: bool = False,
) -> tuple[Transition[State], ...]:
    """The steps somebody with `roles` may take from `state`; `recovery`: the service has such a
    phase."""
    return tuple(
        step
        for step in table
        if step.source == state
        and not step.roles.isdisjoint(roles)
        and step.recovery in (None, recovery)
    )


def transition_refusals(
    table: Iterable[Transition[State]],
    state: State,
    target: State,
    roles: Collection[Role],
    *,
    recovery: bool = False,
    reason: str = "",
) -> tuple[Refusal, ...]:
    """Every reason why the step may not be taken; empty where it may.

    A coded reason outside the step's closed list is refused as `unknown`.
    """
    for step in table:
        if (step.source, step.target) == (state, target) and step.recovery in (None, recovery):
            break
    else:
        return (refuse(Code.WRONG_STATE, state=state.value, action=target.value),)
    refusals = []
    if step.roles.isdisjoint(roles):
        refusals.append(refuse(Code.NOT_ALLOWED, action=target.value, role=_names(roles)))
    if step.needs_reason and not reason.strip():
        refusals.append(refuse(Code.REASON_NEEDED, action=target.value))
    elif step.reasons is not None and reason not in {item.value for item in step.reasons}:
        refusals.append(refuse(Code.UNKNOWN, field="reason", value=reason))
    return tuple(refusals)


def discharge_refusals(
    minutes_observed: int, minimum_minutes: int, roles: Collection[Role]
) -> tuple[Refusal, ...]:
    """Why the patient may not be discharged yet: before the minimum only a prescriber does it."""
    if minutes_observed >= minimum_minutes or Role.PRESCRIBER in roles:
        return ()
    return (refuse(Code.OBSERVATION, minimum_minutes=minimum_minutes),)


def _names(roles: Collection[Role]) -> str:
    return ", ".join(sorted(roles))
