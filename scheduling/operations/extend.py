"""Prolong a hold, once."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.locks import lock_resources
from scheduling.models import Appointment, AppointmentStatus, CarePlan, CarePlanStatus, Reservation
from scheduling.operations import atomic, eligibility, events, write
from scheduling.operations.actor import Actor
from scheduling.operations.change import change, look_at_appointment, look_at_plan
from scheduling.operations.hold import HOLD_MINUTES


def extend(
    *,
    actor: Actor,
    care_plan: CarePlan | None = None,
    appointment: Appointment | None = None,
    now: datetime,
    minutes: int = HOLD_MINUTES,
) -> CarePlan | Appointment:
    """Let the hold of a course or of a single session end `minutes` from now, but only once.

    Raises Refused: HOLD_EXPIRED, HOLD_LIMIT when it was prolonged before, WRONG_STATE, NOT_ALLOWED.
    """

    def work() -> CarePlan | Appointment:
        hold: CarePlan | Appointment
        if care_plan is not None:
            hold = look_at_plan(care_plan, None)
        elif appointment is not None:
            hold = look_at_appointment(appointment, None)
        else:
            raise ValueError("a hold is a care plan or an appointment")
        refusals = list(eligibility.patient_refusals(actor, hold.patient, "extend"))
        if hold.status in (CarePlanStatus.EXPIRED, AppointmentStatus.EXPIRED) or (
            hold.status == CarePlanStatus.HELD and hold.expires_at and hold.expires_at <= now
        ):
            expired_at = hold.expires_at.isoformat() if hold.expires_at else ""
            refusals.append(refuse(Code.HOLD_EXPIRED, expired_at=expired_at))
        elif hold.status != CarePlanStatus.HELD:
            refusals.append(refuse(Code.WRONG_STATE, state=hold.status, action="extend"))
        elif hold.extended:
            refusals.append(refuse(Code.HOLD_LIMIT, limit=1))
        if refusals:
            raise Refused(refusals)
        until = now + timedelta(minutes=minutes)
        if isinstance(hold, CarePlan):
            sessions = hold.appointments.filter(status=AppointmentStatus.HELD)
            change(hold, expires_at=until, extended=True)
        else:
            sessions = Appointment.objects.filter(pk=hold.pk)
            change(hold, expires_at=until, extended=True)
        ids = list(sessions.values_list("pk", flat=True))
        held = Reservation.objects.filter(appointment__in=ids)
        lock_resources(held.values_list("resource_id", flat=True))
        if isinstance(hold, CarePlan):
            sessions.update(expires_at=until, extended=True)
        write.set_expiry(ids, until)
        events.append(
            actor=actor,
            verb="extended",
            care_plan=hold if isinstance(hold, CarePlan) else None,
            appointment=hold if isinstance(hold, Appointment) else None,
            facts={"expires_at": until.isoformat()},
            now=now,
        )
        return hold

    return atomic.run(work)
