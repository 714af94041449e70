"""From weekly rules and dated exceptions to the periods in which something is open.

The order in which they speak: weekly rules, then extra openings add, then closures take away. So a
closure always wins: whoever is ill on an extra Saturday is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, time, timedelta
from functools import cache

from scheduling.core import walltime
from scheduling.core.grid import DayGrid
from scheduling.core.intervals import Periods, subtract, union
from scheduling.models import Closure, WeeklyHours

Clock = Callable[[date, time], int]


def clock_of(zone: str) -> Clock:
    """POSIX seconds of a wall time in `zone`, remembered: a clinic's rules share a few times."""
    return cache(lambda day, at: walltime.to_posix(day, at, zone))


def open_periods(
    weekly: Iterable[WeeklyHours], exceptions: Iterable[Closure], grid: DayGrid, clock: Clock
) -> Periods:
    """When one owner of these rules is open on the days of the grid, as sorted POSIX periods."""
    exceptions = list(exceptions)
    return subtract(
        union(weekly_periods(weekly, grid, clock), periods_of(exceptions, opens=True)),
        periods_of(exceptions, opens=False),
    )


def weekly_periods(weekly: Iterable[WeeklyHours], grid: DayGrid, clock: Clock) -> Periods:
    """The rules of each local day, so that 09:00 stays 09:00 across a change of the clocks."""
    by_weekday: dict[int, list[WeeklyHours]] = {}
    for rule in weekly:
        by_weekday.setdefault(rule.weekday, []).append(rule)
    found = []
    for number in range(grid.days):
        day = grid.first + timedelta(number)
        for rule in by_weekday.get(day.isoweekday(), ()):
            if (rule.valid_from is None or rule.valid_from <= day) and (
                rule.valid_until is None or day <= rule.valid_until
            ):
                found.append((clock(day, rule.start), clock(day, rule.end)))
    return union(found)


def periods_of(exceptions: Iterable[Closure], *, opens: bool) -> Periods:
    """The dated openings, or the closures."""
    return union(
        (int(one.during.lower.timestamp()), int(one.during.upper.timestamp()))
        for one in exceptions
        if one.opens == opens
    )
