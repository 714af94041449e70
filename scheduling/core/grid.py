"""The planner's calendar: local days as rows of five-minute slots.

A slot counts elapsed time since the day's first instant, so a day with a clock change simply has
more or fewer slots (276 or 300; 282 or 294 on Lord Howe) and no wall time is ever ambiguous. Each
day takes a row of `ROW` bits; the padding behind the last slot is never set, which keeps a span of
free slots from leaking into the next morning. A *day* is the index of a row, from 0.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta

from scheduling.core.walltime import to_posix

SLOT = 300
"""Seconds in a slot."""
ROW = 320
"""Bits in the row of one day."""
USUAL_SLOTS = 24 * 3600 // SLOT
"""Slots in a day without a clock change."""


@dataclass(frozen=True, slots=True)
class DayGrid:
    """`days` local days of `zone` (IANA name), from `first` on.

    Raises ValueError for an unknown zone and OverflowError beyond year 9999.
    """

    zone: str
    first: date
    days: int
    midnights: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        midnights = tuple(
            to_posix(self.first + timedelta(n), 0, self.zone) for n in range(self.days + 1)
        )
        object.__setattr__(self, "midnights", midnights)

    def day_of(self, when: date) -> int:
        """The day's index; may lie outside the grid."""
        return when.toordinal() - self.first.toordinal()

    def date_of(self, day: int) -> date:
        return self.first + timedelta(day)

    def locate(self, instant: int) -> tuple[int, int]:
        """Day and slot of an instant (POSIX seconds). Raises ValueError outside the grid."""
        if not self.midnights[0] <= instant < self.midnights[-1]:
            raise ValueError("instant outside the planning horizon")
        day = bisect_right(self.midnights, instant) - 1
        return day, (instant - self.midnights[day]) // SLOT

    def instant(self, day: int, slot: int) -> int:
        """The instant (POSIX seconds) at which a slot begins."""
        return self.midnights[day] + slot * SLOT

    def slots(self, day: int) -> int:
        """How many slots the day has."""
        return (self.midnights[day + 1] - self.midnights[day]) // SLOT

    def slot_of_wall(self, day: int, minute_of_day: int) -> int:
        """The slot at which the local clock shows that minute (1440: the end of the day).

        A skipped wall time moves forward, a repeated one takes the first. Never beyond the day.
        """
        if minute_of_day >= 24 * 60:
            return self.slots(day)
        if self.slots(day) == USUAL_SLOTS:
            return minute_of_day * 60 // SLOT
        wall = to_posix(self.date_of(day), minute_of_day, self.zone)
        slot = (wall - self.midnights[day]) // SLOT
        return min(max(slot, 0), self.slots(day))

    def clip(self, start: int, end: int) -> list[tuple[int, int]]:
        """The part of a period inside the grid, as (day, bits of the row), rounded outwards."""
        midnights = self.midnights
        start, end = max(start, midnights[0]), min(end, midnights[-1])
        if start >= end:
            return []
        day = bisect_right(midnights, start) - 1
        first = (start - midnights[day]) // SLOT
        parts = []
        while True:
            last = -(-(min(end, midnights[day + 1]) - midnights[day]) // SLOT)
            parts.append((day, (1 << last) - (1 << first)))
            day, first = day + 1, 0
            if end <= midnights[day]:
                return parts
