"""Local times in calendars, with the rules of their zone beside them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from icalendar import Calendar, Timezone

from scheduling.core.walltime import load_zone, local


def in_zone(at: datetime, zone: str) -> datetime:
    """`at` as the site's clocks show it: DTSTART;TZID=… follows from it."""
    return local(at, zone)


def add_zone(calendar: Calendar, times: Iterable[tuple[str, datetime]]) -> None:
    """Put a VTIMEZONE that covers these times before the events, for each zone they are in."""
    spans: dict[str, list[date]] = {}
    for zone, at in times:
        spans.setdefault(zone, []).append(local(at, zone).date())
    for zone, days in sorted(spans.items()):
        # Whole years: the part for a zone then stays the same while its sessions move.
        first = date(min(days).year, 1, 1)
        last = date(max(days).year + 1, 1, 1) + timedelta(days=1)
        made = Timezone.from_tzinfo(load_zone(zone), zone, first, last)
        calendar.subcomponents.insert(0, made)
