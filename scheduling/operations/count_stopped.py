"""A treatment was broken off: the prescriber says whether it counts as one."""

from __future__ import annotations

from datetime import datetime

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import Appointment, AppointmentStatus
from scheduling.operations import atomic, events, occupancy, spacing, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.change import change, look_at_appointment
from scheduling.operations.clear import require_prescriber


def count_stopped(
    *, actor: Actor, appointment: Appointment, counts: bool, note: str = "", now: datetime
) -> Appointment:
    """Where it does not count, other treatments need not keep their distance from it, and its step
    may be booked again. Until the prescriber has decided, they do, and it keeps its step. The
    decision may be taken back until the step is booked again or another treatment is too close.

    Raises Refused: NOT_ALLOWED, WRONG_STATE for anything but a stopped treatment, STALE, SPACING.
    """
    require_prescriber(actor, "count_stopped")

    def work() -> Appointment:
        fresh = look_at_appointment(appointment, None)
        if fresh.status != AppointmentStatus.STOPPED or not fresh.treatment:
            raise Refused([refuse(Code.WRONG_STATE, state=fresh.status, action="count_stopped")])
        if fresh.counts and not counts:
            occupancy.drop_spacing(fresh)
            change(fresh, counts=False)
        elif counts and not fresh.counts:
            change(fresh, counts=True)
            spacing.keep(fresh.patient_id, [fresh])
        outcome = "counts" if counts else "does_not_count"
        staff_tasks.settle(
            ["stopped_counts"], actor=actor, outcome=outcome, appointment=fresh, now=now
        )
        events.append(
            actor=actor,
            verb="stopped_counts",
            appointment=fresh,
            reason=note,
            facts={"counts": counts},
            now=now,
        )
        return fresh

    return atomic.run(work)
