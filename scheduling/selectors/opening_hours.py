"""When somebody is at the clinic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scheduling.core.grid import DayGrid
from scheduling.core.walltime import local_date
from scheduling.models import Closure, Site, WeeklyHours
from scheduling.snapshots.hours import clock_of, open_periods

AHEAD_DAYS = 21


def opens_at(site: Site, now: datetime) -> datetime | None:
    """`now` while the site is open, else the next time it opens; None where none is known within
    `AHEAD_DAYS`. Two queries."""
    yesterday = local_date(now, site.timezone) - timedelta(days=1)
    grid = DayGrid(site.timezone, yesterday, AHEAD_DAYS)
    periods = open_periods(
        WeeklyHours.objects.filter(site=site),
        Closure.objects.filter(site=site),
        grid,
        clock_of(site.timezone),
    )
    for start, end in periods:
        if now.timestamp() < end:
            return max(now, datetime.fromtimestamp(start, UTC))
    return None
