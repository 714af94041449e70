"""How every booking is written: plan without locks, lock, look again, write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import connection

from scheduling.core.plan import Session
from scheduling.core.refusals import Refused
from scheduling.locks import lock_booking
from scheduling.operations import atomic, lanes
from scheduling.operations.atomic import OvertakenError
from scheduling.operations.expire import drop_expired

Result = TypeVar("Result")
Sessions = Mapping[str, Session]
Look = Callable[[frozenset[str] | None], Sessions]
"""Bind the sessions to what is free now; with ids, to those units alone. Raises Refused."""
Write = Callable[[Sessions, Mapping[UUID, int]], Result]
"""Write the sessions, given the lanes of each locked resource."""


# What the patient holds already may be about to move, and is left to the exact look.
TAKEN = """
SELECT EXISTS (
    SELECT FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS planned(unit, low, high)
    JOIN scheduling_reservation r ON r.resource_id = planned.unit
        AND r.during && tstzrange(to_timestamp(planned.low), to_timestamp(planned.high))
    LEFT JOIN scheduling_appointment a ON a.id = r.appointment_id
    WHERE (r.expires_at IS NULL OR r.expires_at > %s) AND a.patient_id IS DISTINCT FROM %s)
"""


def settle(
    patient_id: UUID, site_id: UUID, look: Look, write: Write[Result], now: datetime
) -> Result:
    """Bind sessions, lock what they are bound to, look again and write, in one transaction.

    Taken meanwhile: other units are tried first. Raises Refused when none are left, with whatever
    `look` says; BUSY when the race was lost every time.
    """

    def work() -> Result:
        planned = look(None)
        units = bound_units(planned.values())
        capacity, _ = lock_booking(site_id, patient_id, units)
        if len(planned) > 1 and taken_meanwhile(patient_id, planned, capacity, now):
            raise OvertakenError
        try:
            sessions = look(units)
        except Refused as refused:
            raise OvertakenError from refused
        return write(sessions, capacity)

    return atomic.run(work)


def taken_meanwhile(
    patient_id: UUID, planned: Sessions, capacity: Mapping[UUID, int], now: datetime
) -> bool:
    """Whether somebody else certainly has a unit that is needed whole: one query, so that the
    losers of a rush leave the queue for the locks at once. The look that follows is exact."""
    whole = [
        taken
        for session in planned.values()
        for taken in session.taken
        if taken.lanes and taken.lanes == capacity.get(UUID(taken.unit))
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            TAKEN,
            [
                [taken.unit for taken in whole],
                [taken.start for taken in whole],
                [taken.end for taken in whole],
                now,
                patient_id,
            ],
        )
        return bool(cursor.fetchone()[0])


def bound_units(sessions: Collection[Session]) -> frozenset[str]:
    """Every unit of which the sessions take a lane."""
    return frozenset(taken.unit for session in sessions for taken in session.taken if taken.lanes)


def clear_the_way(
    patient_id: UUID, wanted: Collection[lanes.Wanted], now: datetime
) -> list[lanes.Standing]:
    """End expired holds that stand in the way, under the locks; return what still stands."""
    return end_expired(*lanes.standing_around(list(wanted), patient_id, now), now)


def end_expired(
    standing: Collection[lanes.Standing], own_expired: Collection[UUID], now: datetime
) -> list[lanes.Standing]:
    """End the expired holds among these, and the patient's own; return what still stands."""
    expired = set(own_expired) | {
        row.appointment_id
        for row in standing
        if row.appointment_id and row.expires_at and row.expires_at <= now
    }
    drop_expired(expired, now)
    return [row for row in standing if row.appointment_id not in expired]
