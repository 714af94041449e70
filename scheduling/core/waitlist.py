"""Who gains from what is free on one day: entries of the waitlist in their fair order, each with
the starts that it wants. The first look, for thousands; the rules of a course are kept by the
second, for the few that are then offered something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from scheduling.core.availability import Availability
from scheduling.core.grid import ROW, SLOT
from scheduling.core.patient import parts_row
from scheduling.core.pools import pools_for
from scheduling.core.service import Service
from scheduling.core.wishes import DAY_PARTS


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry that waits for a session.

    `order` sorts fairly: the clinic's priority first, then the turn. Days are local, weekdays ISO
    1-7; empty weekdays or day parts mean all. `before`: the start (POSIX seconds) that any other
    must beat. `person` is (role, unit) where it has to be that one. `refused` are periods offered
    to this entry before, which nobody is asked about twice. `soonest`: no start before it.
    """

    id: Any
    order: tuple[Any, ...]
    service: Service
    first: date
    last: date | None = None
    weekdays: frozenset[int] = frozenset()
    day_parts: frozenset[str] = frozenset()
    before: int | None = None
    soonest: int = 0
    person: tuple[str, str] | None = None
    languages: frozenset[str] = frozenset()
    access: frozenset[str] = frozenset()
    refused: tuple[tuple[int, int], ...] = ()


def candidates(
    availability: Availability, day: int, waiting: Iterable[Waiting]
) -> Iterator[tuple[Waiting, int]]:
    """Entries that want something free on the grid day, in fair order, each with its starts as the
    row of that day."""
    grid = availability.grid
    when = grid.date_of(day)
    free: dict[tuple[Any, ...], int] = {}
    parts: dict[frozenset[str], int] = {}
    for one in sorted(waiting, key=lambda one: one.order):
        if (
            when < one.first
            or (one.last is not None and when > one.last)
            or (one.weekdays and when.isoweekday() not in one.weekdays)
        ):
            continue
        # What decides which starts are free. Names, for hashing a service costs more than the rest.
        kind = (one.service.slug, one.service.mode, one.languages, one.access, one.person)
        row = free.get(kind)
        if row is None:
            row = free[kind] = _free(availability, day, one)
        if not row:
            continue
        if one.day_parts and not one.day_parts >= DAY_PARTS.keys():
            if one.day_parts not in parts:
                parts[one.day_parts] = parts_row(grid, day, one.day_parts)
            row &= parts[one.day_parts]
        row &= _between(grid.midnights[day], one)
        if row:
            yield one, row


def _free(availability: Availability, day: int, one: Waiting) -> int:
    pools = pools_for(
        availability.units,
        one.service,
        allowed={one.person[0]: frozenset({one.person[1]})} if one.person else None,
        languages=one.languages,
        access=one.access,
    )
    return availability.rows_of(one.service, pools, day, day)[0]


def _between(midnight: int, one: Waiting) -> int:
    """The starts that are late enough, early enough, and were not offered before."""
    low = max(0, -(-(one.soonest - midnight) // SLOT))
    row = (1 << ROW) - (1 << min(low, ROW))
    if one.before is not None:
        high = max(0, -(-(one.before - midnight) // SLOT))
        row &= (1 << min(high, ROW)) - 1
    length = one.service.minutes * 60
    for start, end in one.refused:
        first = max(0, (start - length - midnight) // SLOT + 1)
        last = -(-(end - midnight) // SLOT)
        if last > first:
            row &= ~((1 << last) - (1 << first))
    return row
