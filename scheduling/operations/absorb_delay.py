"""Put the rest of a day right after a visit runs over or a patient comes late: all of it, or
nothing; exactly what the desk saw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.slip import Slip
from scheduling.locks import lock_resources
from scheduling.models import Appointment, PatientTime, Reservation
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.operations.change import change, look_at_appointment, stale
from scheduling.operations.reschedule import reschedule
from scheduling.operations.run_late import LONGEST, run_late
from scheduling.operations.write import instant
from scheduling.selectors.day_visits import Delay, delay

OVERRAN = "overran"


def absorb_delay(
    *,
    actor: Actor,
    appointment: Appointment,
    minutes: int,
    seen: str,
    now: datetime,
) -> Delay:
    """Move what slips, then let the visit have its longer time, in one transaction. Every move is
    one of `reschedule`: rules are kept, and it is recorded.

    `seen` is the mark of what was shown: where the day has changed since, nothing is moved. Raises
    Refused: NOT_ALLOWED but for staff, UNKNOWN minutes, STALE, and whatever refuses a move.
    """
    refusals = []
    if not actor.staff:
        refusals.append(refuse(Code.NOT_ALLOWED, action="absorb_delay", role=actor.label))
    if not 0 < minutes <= LONGEST:
        refusals.append(refuse(Code.UNKNOWN, field="minutes", value=minutes))
    if refusals:
        raise Refused(refusals)

    def work() -> Delay:
        fresh = Appointment.objects.select_related("site").get(pk=appointment.pk)
        found = delay(fresh, minutes, now)
        if mark(found) != seen:
            raise stale(fresh)
        # From the end of the day on: each finds the room that the later one has left.
        for slip in sorted(found.outcome.slips, key=lambda one: one.after, reverse=True):
            _move(actor, found.appointments[slip.id], slip, now)
        if found.over:
            _stretch(actor, fresh, minutes, now)
        elif fresh.status == "booked":
            run_late(actor=actor, appointment=fresh, minutes=minutes, now=now)
        return found

    return atomic.run(work)


def mark(found: Delay) -> str:
    """What was shown, in a form that an agreement can name."""
    slips = (f"{one.id}@{one.after}@{'+'.join(one.units)}" for one in found.outcome.slips)
    return ",".join([str(found.minutes), *slips])


def _move(actor: Actor, appointment: Appointment, slip: Slip, now: datetime) -> None:
    reschedule(
        actor=actor,
        appointment=appointment,
        start=instant(slip.after),
        practitioners=_units(appointment, slip),
        now=now,
    )


def _units(appointment: Appointment, slip: Slip) -> Mapping[str, str]:
    """The unit of each role that one unit fills alone, as it was shown."""
    roles: dict[str, set[str]] = {}
    for row, unit in zip(appointment.reservations.all(), slip.units, strict=True):
        roles.setdefault(row.role, set()).add(unit)
    return {role: next(iter(units)) for role, units in roles.items() if len(units) == 1}


def _stretch(actor: Actor, appointment: Appointment, minutes: int, now: datetime) -> None:
    """What is held at the end of the visit is held longer."""
    fresh = look_at_appointment(appointment, None)
    own = Reservation.objects.filter(appointment=fresh)
    lock_resources(own.values_list("resource_id", flat=True))
    by, before = timedelta(minutes=minutes), fresh.end
    last = [row for row in own if row.during.upper >= before]
    change(fresh, end=before + by)
    held: list[Reservation | PatientTime] = [*last, *PatientTime.objects.filter(appointment=fresh)]
    for row in held:
        row.during = DateTimeTZRange(row.during.lower, row.during.upper + by)
        row.save(update_fields=["during"])
    events.append(
        actor=actor,
        verb=OVERRAN,
        appointment=fresh,
        facts={"minutes": minutes, "from": before.isoformat(), "to": fresh.end.isoformat()},
        now=now,
    )
