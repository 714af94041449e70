"""A month of days on which a session may start, and the starts of the day that was chosen."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest

from scheduling.core import walltime
from scheduling.snapshots import HORIZON_DAYS
from scheduling.web.weeks import first_weekday

AT_MOST = 18
"""Starts shown of one day: an unwell reader should not choose among a hundred. A tap shows all."""

MINUTES = (5, 15, 30, 60)
"""Which starts are left out first: those that are not on the quarter, the half, the hour."""


@dataclass(frozen=True, slots=True)
class Month:
    """Which month of the clinic's calendar a page shows, and which of its days is open, if one is.

    `first` is its first day; `today` the clinic's.
    """

    first: date
    today: date
    zone: str
    day: date | None = None
    every: bool = False

    @property
    def start(self) -> datetime:
        """The instant at which it begins."""
        return walltime.day_start(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The instant at which the next one begins."""
        return walltime.day_start(_later(self.first, 1), self.zone)

    def context(
        self, starts: Iterable[datetime], present: datetime | None = None
    ) -> dict[str, Any]:
        """What the template shows: `starts` in the month are free, at `present` the session is."""
        by_day: dict[date, list[datetime]] = {}
        for start in starts:
            by_day.setdefault(walltime.local_date(start, self.zone), []).append(start)
        now_on = walltime.local_date(present, self.zone) if present else None
        chosen = by_day.get(self.day, []) if self.day else []
        shown = chosen if self.every else a_few(chosen, self.zone)
        before, after = _later(self.first, -1), _later(self.first, 1)
        weeks = self._weeks()
        return {
            "first": self.first,
            "weekdays": weeks[0],
            "weeks": [
                [
                    {
                        "date": day,
                        "inside": day.month == self.first.month,
                        "free": len(by_day.get(day, ())),
                        "today": day == self.today,
                        "chosen": day == self.day,
                        "present": day == now_on,
                    }
                    for day in week
                ]
                for week in weeks
            ],
            "free": any(day.month == self.first.month for day in by_day),
            "before": before if before >= self.today.replace(day=1) else None,
            "after": after if after <= self.today + timedelta(days=HORIZON_DAYS - 2) else None,
            "day": self.day,
            "starts": shown,
            "more": len(chosen) - len(shown),
        }

    def _weeks(self) -> list[list[date]]:
        """Whole weeks that hold the month, from the reader's first day of the week on."""
        return Calendar(first_weekday()).monthdatescalendar(self.first.year, self.first.month)


def asked_for(request: HttpRequest, *, around: datetime, now: datetime, zone: str) -> Month:
    """The month and day that the reader asked for by `month` (2026-12) or `day` (2026-12-03); the
    month of `around` where they asked for none, or for one that nobody can plan."""
    today = walltime.local_date(now, zone)
    last = today + timedelta(days=HORIZON_DAYS - 2)
    day = _day(request.GET.get("day", ""))
    wanted = day or _day(request.GET.get("month", "") + "-01")
    if wanted is None or not today.replace(day=1) <= wanted <= last:
        day, wanted = None, max(walltime.local_date(around, zone), today)
    return Month(wanted.replace(day=1), today, zone, day, "every" in request.GET)


def a_few(starts: Sequence[datetime], zone: str, at_most: int = AT_MOST) -> list[datetime]:
    """Some starts over the day: all where these are few, else the rounder ones."""
    for minutes in MINUTES:
        chosen = [one for one in starts if walltime.local(one, zone).minute % minutes == 0]
        if chosen and len(chosen) <= at_most:
            return chosen
    step = (len(starts) - 1) / (at_most - 1)
    return [starts[round(index * step)] for index in range(at_most)] if starts else []


def _later(first: date, months: int) -> date:
    """The first day of the month so many months later."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
