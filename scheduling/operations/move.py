"""Write appointments of one patient at other times or with other units: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.service import Service
from scheduling.models import Appointment, Gate, Reservation
from scheduling.operations import events, lanes, spacing, write
from scheduling.operations.actor import Actor
from scheduling.operations.opening_gates import date_course_gates
from scheduling.operations.recipe import clear_the_way
from scheduling.selectors import services

Units = Mapping[UUID, Mapping[str, str]]
"""For each appointment, the unit of each role that one unit filled alone."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One appointment that changes its time."""

    id: UUID
    step: str
    before: datetime
    after: datetime


def moves_of(appointments: Iterable[Appointment], bound: Mapping[str, Session]) -> list[Moved]:
    """What would change, in the order of the new times."""
    moves = [
        Moved(one.pk, one.step, one.start, write.instant(bound[one.step].start))
        for one in appointments
        if one.step in bound and bound[one.step].start != int(one.start.timestamp())
    ]
    return sorted(moves, key=lambda move: (move.after, move.step))


def move(
    appointments: Sequence[Appointment],
    bound: Mapping[str, Session],
    capacity: Mapping[UUID, int],
    *,
    actor: Actor,
    overridden: Appointment | None = None,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
    now: datetime,
) -> list[Appointment]:
    """Give every appointment the session `bound` to its step; return them as they are then.

    All that they block is deleted first and written anew, so two of them may swap places. The
    patient's and the units' locks are held. `overridden`, one of the appointments, may stand
    closer to other treatments than their spacing asks. Each event keeps the time and the units from
    before, so that the move can be taken back. Raises Refused: STALE where one was
    cancelled or changed since it was read, TAKEN.
    """
    units = lift(appointments)
    return put(
        appointments,
        bound,
        capacity,
        units,
        actor=actor,
        overridden=overridden,
        reason=reason,
        facts=facts,
        now=now,
    )


def lift(appointments: Sequence[Appointment]) -> Units:
    """Delete all that the appointments block; return the units they had. They are to be `put`
    somewhere in the same transaction. Raises Refused (STALE)."""
    ids = [one.pk for one in appointments]
    rows = Appointment.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    current = dict(rows.values_list("pk", "version"))
    if any(current.get(one.pk) != one.version for one in appointments):
        raise Refused([refuse(Code.STALE, version=max(current.values(), default=0))])
    units = _units_of(ids)
    write.give_back(ids)
    return units


def put(
    appointments: Sequence[Appointment],
    bound: Mapping[str, Session],
    capacity: Mapping[UUID, int],
    units: Units,
    *,
    actor: Actor,
    overridden: Appointment | None = None,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
    kinds: Mapping[str, Service] | None = None,
    now: datetime,
) -> list[Appointment]:
    """The second half of `move`, for appointments that were lifted from where they had `units`.
    `kinds`: by step, the service in the mode in which some are given from now on."""
    before = {one.pk: one.start for one in appointments}
    for one in appointments:
        if kind := (kinds or {}).get(one.step):
            one.mode, one.phases = kind.mode, write.phases_of(kind)
        one.start = write.instant(bound[one.step].start)
        one.end = write.instant(bound[one.step].end)
    if overridden is not None:
        for other in spacing.override(overridden):
            events.append(
                actor=actor, verb="spacing_overridden", appointment=other, reason=reason, now=now
            )
    Appointment.objects.bulk_update(appointments, ["start", "end", "overrides", "mode", "phases"])
    wanted = write.wanted(appointments, bound)
    standing = clear_the_way(appointments[0].patient_id, wanted, now)
    write.block(appointments, lanes.place(wanted, standing, capacity))
    for one in appointments:
        _shift_gates(one, one.start - before[one.pk])
        one.refresh_from_db(fields=["version", "sequence"])
    plan = appointments[0].care_plan
    if plan is not None and any(one.start != before[one.pk] for one in appointments):
        date_course_gates(plan, services.definitions())
    events.append_all(
        events.entry(
            actor=actor,
            verb="moved" if one.start != before[one.pk] else "rebound",
            appointment=one,
            status_before=one.status,
            status_after=one.status,
            reason=reason,
            facts={
                "from": before[one.pk].isoformat(),
                "to": one.start.isoformat(),
                "units": units.get(one.pk, {}),
                **({"mode": one.mode} if one.step in (kinds or {}) else {}),
                **(facts or {}),
            },
            now=now,
        )
        for one in appointments
    )
    return list(appointments)


def _units_of(ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """The unit of each role that one unit fills alone: where they hand over, nobody is named."""
    units: dict[UUID, dict[str, set[str]]] = {}
    rows = Reservation.objects.filter(appointment__in=ids)
    for key, role, unit in rows.values_list("appointment", "role", "resource"):
        units.setdefault(key, {}).setdefault(role, set()).add(str(unit))
    return {
        key: {role: unit for role, [unit, *others] in roles.items() if not others}
        for key, roles in (
            (key, {r: sorted(u) for r, u in of.items()}) for key, of in units.items()
        )
    }


def _shift_gates(appointment: Appointment, by: timedelta) -> None:
    if by:
        Gate.objects.filter(appointment=appointment).update(due_at=F("due_at") + by)
