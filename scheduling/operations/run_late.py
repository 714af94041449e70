"""A patient has said that they will be late: everybody who waits for them sees it."""

from __future__ import annotations

from datetime import datetime

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import Appointment, AppointmentStatus
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.operations.change import look_at_appointment

RUNNING_LATE = "running_late"
LONGEST = 240


def run_late(*, actor: Actor, appointment: Appointment, minutes: int, now: datetime) -> None:
    """Note how many minutes late the patient expects to be; the time stays booked, the last word
    counts. Raises Refused: NOT_ALLOWED but for staff, WRONG_STATE once they are here, UNKNOWN for
    more than four hours."""

    def work() -> None:
        fresh = look_at_appointment(appointment, None)
        refusals = []
        if not actor.staff:
            refusals.append(refuse(Code.NOT_ALLOWED, action=RUNNING_LATE, role=actor.label))
        if fresh.status != AppointmentStatus.BOOKED:
            refusals.append(refuse(Code.WRONG_STATE, state=fresh.status, action=RUNNING_LATE))
        if not 0 <= minutes <= LONGEST:
            refusals.append(refuse(Code.UNKNOWN, field="minutes", value=minutes))
        if refusals:
            raise Refused(refusals)
        facts = {"minutes": minutes}
        events.append(actor=actor, verb=RUNNING_LATE, appointment=fresh, facts=facts, now=now)

    atomic.run(work)
