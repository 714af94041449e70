"""How every booking is written: plan without locks, lock, look again, write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from scheduling.core.plan import Session
from scheduling.core.refusals import Refused
from scheduling.locks import lock_booking
from scheduling.operations import atomic, lanes
from scheduling.operations.atomic import OvertakenError
from scheduling.operations.end_offers import drop_expired_offers
from scheduling.operations.expire import drop_expired

Result = TypeVar("Result")
Sessions = Mapping[str, Session]
Look = Callable[[frozenset[str] | None], Sessions]
"""Bind the sessions to what is free now; with ids, to those units alone. Raises Refused."""
Write = Callable[[Sessions, Mapping[UUID, int]], Result]
"""Write the sessions, given the lanes of each locked resource."""


# Whether somebody else certainly has a unit that is needed whole: the losers of a rush leave the
# queue for the locks at once. What the patient holds already may be about to move, and is left to
# the exact look.
TAKEN = """
SELECT EXISTS (
    SELECT FROM unnest(%(units)s::uuid[], %(lanes)s::int[], %(lows)s::bigint[], %(highs)s::bigint[])
        AS planned (unit, lanes, low, high)
    JOIN scheduling_resource s ON s.id = planned.unit AND s.capacity = planned.lanes
    JOIN scheduling_reservation r ON r.resource_id = planned.unit
        AND r.during && tstzrange(to_timestamp(planned.low), to_timestamp(planned.high))
    LEFT JOIN scheduling_appointment a ON a.id = r.appointment_id
    WHERE (r.expires_at IS NULL OR r.expires_at > %(now)s)
        AND a.patient_id IS DISTINCT FROM %(patient)s)
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
        capacity, [[(taken,)]] = lock_booking(
            site_id, patient_id, units, then=[TAKEN], now=now, **taken_values(planned)
        )
        if taken and len(planned) > 1:  # one session alone is looked at exactly in no more time
            raise OvertakenError
        try:
            sessions = look(units)
        except Refused as refused:
            raise OvertakenError from refused
        return write(sessions, capacity)

    return atomic.run(work)


def taken_values(planned: Sessions) -> dict[str, Any]:
    """The values of `TAKEN` beside those of the locks."""
    taken = [one for session in planned.values() for one in session.taken if one.lanes]
    return {
        "units": [one.unit for one in taken],
        "lanes": [one.lanes for one in taken],
        "lows": [one.start for one in taken],
        "highs": [one.end for one in taken],
    }


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
    """End the expired holds and offers among these, and the patient's own holds; return what still
    stands."""
    over = [row for row in standing if row.expires_at and row.expires_at <= now]
    expired = set(own_expired) | {row.appointment_id for row in over if row.appointment_id}
    offers = {row.offer_id for row in over if row.offer_id}
    drop_expired(expired, now)
    drop_expired_offers(offers, now)
    return [
        row for row in standing if row.appointment_id not in expired and row.offer_id not in offers
    ]
