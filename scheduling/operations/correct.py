"""Take back what was keyed wrongly: arrived, a no-show, a discharge."""

from __future__ import annotations

from datetime import datetime

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.states import APPOINTMENT, AppointmentState, transition_refusals
from scheduling.models import Appointment, Event
from scheduling.operations import atomic, events, occupancy, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.change import change, look_at_appointment
from scheduling.operations.complete import take_back_completion
from scheduling.protocols.services import service_from_json
from scheduling.selectors import courses

FOLLOWED = ("call_after_noshow",)
"""Tasks that the mistake had opened."""


def correct(
    *,
    actor: Actor,
    appointment: Appointment,
    to: AppointmentState,
    reason: str,
    version: int | None,
    now: datetime,
) -> Appointment:
    """Take the session back to the state before the mistake, and hold what it held then.

    Raises Refused: STALE, WRONG_STATE where it is no correction or its step of the course has been
    booked again, NOT_ALLOWED, REASON_NEEDED; TAKEN or PATIENT_BUSY where the place, a person or the
    patient's time went to something else; SPACING where another treatment was booked too close
    meanwhile.
    """

    def work() -> Appointment:
        fresh = look_at_appointment(appointment, version)
        before = AppointmentState(fresh.status)
        if not any(
            step.correction and (step.source, step.target) == (before, to) for step in APPOINTMENT
        ):
            raise Refused([refuse(Code.WRONG_STATE, state=before.value, action=to.value)])
        refusals = transition_refusals(
            APPOINTMENT,
            before,
            to,
            actor.roles,
            recovery=service_from_json(fresh.service.definition).recovery,
            reason=reason,
        )
        if _booked_again(fresh):
            refusals = (
                *refusals,
                refuse(Code.WRONG_STATE, state="rebooked", action=to.value),
            )
        if refusals:
            raise Refused(refusals)
        change(fresh, status=to.value, reason="")
        mistake = Event.objects.filter(appointment=fresh, status_after=before).latest("id")
        if "held" in mistake.facts:
            occupancy.restore(fresh, mistake.facts["held"], now)
        if before == AppointmentState.FULFILLED and fresh.care_plan is not None:
            take_back_completion(fresh.care_plan, actor=actor, now=now)
        staff_tasks.settle(FOLLOWED, actor=actor, outcome="corrected", appointment=fresh, now=now)
        events.append(
            actor=actor,
            verb="corrected",
            appointment=fresh,
            status_before=before.value,
            status_after=to.value,
            reason=reason,
            now=now,
        )
        return fresh

    return atomic.run(work)


def _booked_again(appointment: Appointment) -> bool:
    """Whether another session stands for the same step of the course."""
    plan = appointment.care_plan
    if plan is None:
        return False
    return courses.standing(plan).filter(step=appointment.step).exclude(pk=appointment.pk).exists()
