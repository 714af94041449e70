"""A course is completed when each of its sessions has taken place or been given up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from scheduling.core.states import BLOCKING
from scheduling.models import Appointment, AppointmentStatus, CarePlan, CarePlanStatus
from scheduling.operations import events
from scheduling.operations.actor import Actor
from scheduling.operations.change import change

MISSED = frozenset({AppointmentStatus.NOSHOW, AppointmentStatus.NOT_TREATED})
"""The step is still wanted; a person decides whether it is booked again."""


def complete_if_over(plan: CarePlan, *, actor: Actor, now: datetime) -> bool:
    """Complete an active course in which nothing is ahead and no step waits to be booked again.

    Part of the caller's transaction, under the patient's lock. A course in which nothing took
    place is not completed: it is for a person to revoke.
    """
    if plan.status != CarePlanStatus.ACTIVE or not is_over(last_states(plan)):
        return False
    change(plan, status=CarePlanStatus.COMPLETED)
    _say(plan, actor, "completed", CarePlanStatus.ACTIVE, now)
    return True


def is_over(states: Mapping[str, str]) -> bool:
    """Whether a course whose steps stand so (see `last_states`) is completed."""
    ahead = any(state in BLOCKING or state in MISSED for state in states.values())
    return not ahead and AppointmentStatus.FULFILLED in states.values()


def take_back_completion(plan: CarePlan, *, actor: Actor, now: datetime) -> None:
    """The last step was keyed wrongly: the course goes on. Part of the caller's transaction."""
    if plan.status == CarePlanStatus.COMPLETED:
        change(plan, status=CarePlanStatus.ACTIVE)
        _say(plan, actor, "completion_corrected", CarePlanStatus.COMPLETED, now)


def last_states(plan: CarePlan) -> dict[str, str]:
    """How each step of the course stands: the state of the appointment made for it last. One that
    was stopped and does not count is as good as not treated."""
    rows = Appointment.objects.filter(care_plan=plan).order_by("created_at", "start")
    return {
        step: status if counts else AppointmentStatus.NOT_TREATED
        for step, status, counts in rows.values_list("step", "status", "counts")
    }


def _say(plan: CarePlan, actor: Actor, verb: str, before: CarePlanStatus, now: datetime) -> None:
    events.append(
        actor=actor,
        verb=verb,
        care_plan=plan,
        status_before=before,
        status_after=plan.status,
        now=now,
    )
