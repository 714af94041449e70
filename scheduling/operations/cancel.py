"""Give one session up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from scheduling.core import states
from scheduling.core.refusals import Refused
from scheduling.core.roles import Role
from scheduling.models import Appointment, AppointmentStatus, CarePlanStatus, ResourceKind
from scheduling.operations import atomic, complete, eligibility, events, staff_tasks, write
from scheduling.operations.actor import Actor
from scheduling.operations.change import change, look_at_appointment
from scheduling.operations.opening_gates import date_course_gates
from scheduling.selectors import services

STEP_CANCELLED = "step_cancelled"


def cancel(
    *,
    actor: Actor,
    appointment: Appointment,
    reason: str,
    note: str = "",
    version: int | None,
    now: datetime,
) -> Appointment:
    """Cancel the session and free what it blocks; `late` inside the site's policy window.

    A course that loses a session asks the front desk what becomes of it, and is completed when
    nothing is ahead any more. Needs no lock of a resource: capacity is only given back.
    Raises Refused: WRONG_STATE, STALE, NOT_ALLOWED, REASON_NEEDED, UNKNOWN reason.
    """

    def work() -> Appointment:
        seen = look_at_appointment(appointment, version)
        refusals = [
            *(
                one
                for one in eligibility.patient_refusals(actor, seen.patient, "cancel")
                if one.code != "patient_status"
            ),
            *states.transition_refusals(
                states.APPOINTMENT,
                states.AppointmentState(seen.status),
                states.AppointmentState.CANCELLED,
                actor.roles,
                reason=reason,
            ),
        ]
        if refusals:
            raise Refused(refusals)
        before = seen.status
        facts = _to_undo(seen)
        change(
            seen,
            status=AppointmentStatus.CANCELLED,
            reason=reason,
            late=is_late(seen, now),
        )
        write.give_back([seen.pk])
        events.append(
            actor=actor,
            verb="cancelled",
            appointment=seen,
            status_before=before,
            status_after=seen.status,
            reason=reason,
            facts={"late": seen.late, **facts, **({"note": note} if note else {})},
            now=now,
        )
        plan = seen.care_plan
        if plan is not None and not complete.complete_if_over(plan, actor=actor, now=now):
            date_course_gates(plan, services.definitions())
            _ask_what_next(seen, now)
        return seen

    return atomic.run(work)


def is_late(appointment: Appointment, now: datetime) -> bool:
    """Whether less than the site's notice is left; treatments ask for more than talk."""
    site = appointment.site
    hours = site.late_cancel_hours_treatment if appointment.treatment else site.late_cancel_hours
    return appointment.start - now < timedelta(hours=hours)


def _to_undo(appointment: Appointment) -> dict[str, Any]:
    """Whom a visit outside of a course was with, for whoever takes the cancellation back; in a
    course the rest of it tells. One query, none in a course."""
    if appointment.care_plan_id is not None:
        return {}
    people = appointment.reservations.filter(resource__kind=ResourceKind.PERSON)
    return {
        "practitioners": {role: str(key) for role, key in people.values_list("role", "resource")}
    }


def _ask_what_next(appointment: Appointment, now: datetime) -> None:
    plan = appointment.care_plan
    if plan is not None and plan.status in (CarePlanStatus.ACTIVE, CarePlanStatus.ON_HOLD):
        staff_tasks.open_task(
            STEP_CANCELLED,
            Role.FRONT_DESK,
            site=appointment.site,
            appointment=appointment,
            urgent=appointment.treatment and appointment.start - now < staff_tasks.SOON,
            facts={"step": appointment.step},
            now=now,
        )
