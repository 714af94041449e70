"""Read what is taken: all of a site at once, or a few days of a few units."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.db import connection

from scheduling.core.clinic import Booking, Unit
from scheduling.core.grid import DayGrid
from scheduling.core.walltime import local

# PostgreSQL's binary timestamps: microseconds since 2000-01-01 UTC, big-endian.
MICROSECONDS = 1_000_000
EPOCH_2000 = 946_684_800

# One row per resource, its periods packed: ten times cheaper than a row per reservation.
ALL = """
SELECT resource_id,
       string_agg(timestamptz_send(lower(during)) || timestamptz_send(upper(during)), '')
           FILTER (WHERE expires_at IS NULL),
       string_agg(timestamptz_send(lower(during)) || timestamptz_send(upper(during)), '')
           FILTER (WHERE expires_at IS NOT NULL),
       array_agg(expires_at) FILTER (WHERE expires_at IS NOT NULL)
FROM scheduling_reservation
WHERE resource_id = ANY(%s) AND during && tstzrange(%s, %s)
    AND (expires_at IS NULL OR expires_at > %s)
GROUP BY resource_id
"""

# The index of the exclusion constraint (resource, lane, during) answers each line of `asked`.
SOME = """
SELECT asked.unit, asked.day, lower(r.during), upper(r.during), r.expires_at
FROM unnest(%s::uuid[], %s::int[], %s::timestamptz[], %s::timestamptz[])
    AS asked (unit, day, low, high)
JOIN scheduling_reservation r
    ON r.resource_id = asked.unit AND r.during && tstzrange(asked.low, asked.high)
WHERE r.expires_at IS NULL OR r.expires_at > %s
"""

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
        for resource, booked, held, ends in cursor.fetchall():
            unit = str(resource)
            bookings += [Booking(unit, start, end) for start, end in _periods(booked)]
            for (start, end), expires_at in zip(_periods(held), ends or (), strict=True):
                bookings.append(Booking(unit, start, end))
                holds.append(Hold(expires_at, unit, start, end))
    return bookings, holds


def load_days(
    touched: Iterable[UnitDay], grid: DayGrid, now: datetime
) -> tuple[dict[UnitDay, list[Booking]], list[Hold]]:
    """What is taken of each of these units on each of these days of the grid. One query."""
    found: dict[UnitDay, list[Booking]] = {pair: [] for pair in touched}
    holds: list[Hold] = []
    with connection.cursor() as cursor:
        cursor.execute(
            SOME,
            [
                [unit for unit, _ in found],
                [day for _, day in found],
                [local(grid.midnights[day], "UTC") for _, day in found],
                [local(grid.midnights[day + 1], "UTC") for _, day in found],
                now,
            ],
        )
        for resource, day, low, high, expires_at in cursor.fetchall():
            unit, start, end = str(resource), int(low.timestamp()), ceil(high.timestamp())
            found[unit, day].append(Booking(unit, start, end))
            if expires_at is not None:
                holds.append(Hold(expires_at, unit, start, end))
    return found, holds


def _periods(packed: bytes | None) -> Iterator[tuple[int, int]]:
    """POSIX periods from pairs of binary timestamps, rounded outwards to whole seconds."""
    moments = array("q", packed or b"")
    moments.byteswap()
    for low, high in zip(moments[::2], moments[1::2], strict=True):
        yield low // MICROSECONDS + EPOCH_2000, -(-high // MICROSECONDS) + EPOCH_2000
