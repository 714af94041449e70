"""Read what is taken: all of a site at once, or a few days of a few units."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.round_trip import ask
from scheduling.core.clinic import Booking, Unit
from scheduling.core.grid import DayGrid
from scheduling.core.walltime import local

# PostgreSQL's binary timestamps: microseconds since 2000-01-01 UTC, big-endian.
MICROSECONDS = 1_000_000
EPOCH_2000 = 946_684_800

# Periods packed in one value: ten times cheaper than a row per reservation.
PACKED = """
       string_agg(timestamptz_send(lower(during)) || timestamptz_send(upper(during)), '')
           FILTER (WHERE expires_at IS NULL),
       string_agg(timestamptz_send(lower(during)) || timestamptz_send(upper(during)), '')
           FILTER (WHERE expires_at IS NOT NULL),
       array_agg(expires_at) FILTER (WHERE expires_at IS NOT NULL)
"""
ALL = f"""
SELECT resource_id, {PACKED}
FROM scheduling_reservation
WHERE resource_id = ANY(%s) AND during && tstzrange(%s, %s)
    AND (expires_at IS NULL OR expires_at > %s)
GROUP BY resource_id
"""  # noqa: S608 - a constant of this module

# The index of the exclusion constraint (resource, lane, during) answers each line of `asked`.
SOME = f"""
SELECT asked.unit, asked.day, {PACKED}
FROM unnest(%(units)s::uuid[], %(days)s::int[], %(lows)s::timestamptz[], %(highs)s::timestamptz[])
    AS asked (unit, day, low, high)
JOIN scheduling_reservation r
    ON r.resource_id = asked.unit AND r.during && tstzrange(asked.low, asked.high)
WHERE r.expires_at IS NULL OR r.expires_at > %(now)s
GROUP BY asked.unit, asked.day
"""  # noqa: S608 - a constant of this module

UnitDay = tuple[str, int]


@dataclass(frozen=True, slots=True, order=True)
class Hold:
    """A booking that gives its time back by itself."""

    expires_at: datetime
    unit: str
    start: int
    end: int


def load_all(
    units: Iterable[Unit], grid: DayGrid, now: datetime
) -> tuple[list[Booking], list[Hold]]:
    """Everything taken of these units within the grid, and which of it is only held. One query."""
    low, high = local(grid.midnights[0], "UTC"), local(grid.midnights[-1], "UTC")
    bookings: list[Booking] = []
    holds: list[Hold] = []
    with connection.cursor() as cursor:
        cursor.execute(ALL, [[unit.id for unit in units], low, high, now])
        for resource, *packed in cursor.fetchall():
            taken, held = _read(str(resource), *packed)
            bookings += taken
            holds += held
    return bookings, holds


def load_days(
    touched: Iterable[UnitDay], grid: DayGrid, now: datetime
) -> tuple[dict[UnitDay, list[Booking]], list[Hold]]:
    """What is taken of each of these units on each of these days of the grid. One query."""
    found: dict[UnitDay, list[Booking]] = {pair: [] for pair in touched}
    holds: list[Hold] = []
    values = {
        "units": [unit for unit, _ in found],
        "days": [day for _, day in found],
        "lows": [local(grid.midnights[day], "UTC") for _, day in found],
        "highs": [local(grid.midnights[day + 1], "UTC") for _, day in found],
        "now": now,
    }
    [rows] = ask([SOME], values)
    for resource, day, *packed in rows:
        unit = str(resource)
        found[unit, day], held = _read(unit, *packed)
        holds += held
    return found, holds


def _read(
    unit: str, booked: bytes | None, held: bytes | None, ends: list[datetime] | None
) -> tuple[list[Booking], list[Hold]]:
    """A unit's bookings, and which of them are only held, from its `PACKED` periods."""
    holds = [
        Hold(expires_at, unit, start, end)
        for (start, end), expires_at in zip(_periods(held), ends or (), strict=True)
    ]
    bookings = [Booking(unit, start, end) for start, end in _periods(booked)]
    return bookings + [Booking(unit, hold.start, hold.end) for hold in holds], holds


def _periods(packed: bytes | None) -> Iterator[tuple[int, int]]:
    """POSIX periods from pairs of binary timestamps, rounded outwards to whole seconds."""
    moments = array("q", packed or b"")
    moments.byteswap()
    for low, high in zip(moments[::2], moments[1::2], strict=True):
        yield low // MICROSECONDS + EPOCH_2000, -(-high // MICROSECONDS) + EPOCH_2000
