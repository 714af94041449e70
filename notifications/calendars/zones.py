"""Local times in calendars, with the rules of their zone beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from icalendar import Calendar, Timezone, TimezoneDaylight, TimezoneStandard

from scheduling.core.walltime import load_zone, local

STEP = timedelta(days=1)
"""No zone changes its clocks twice within a day."""


@dataclass(frozen=True, slots=True)
class Onset:
    """From `wall` on, a reading with the offset that held before, clocks are `after` ahead of UTC
    (RFC 5545, section 3.6.5)."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str
    summer: bool


def in_zone(at: datetime, zone: str) -> datetime:
    """`at` as the site's clocks show it: DTSTART;TZID=… follows from it. Raises ValueError for a
    zone that does not exist and for a naive time, which calendars would read as floating.

    A reading that clocks show twice means the first of both (RFC 5545, section 3.3.5); the second
    has no local name, and stays in UTC."""
    there = local(at, zone)
    return at.astimezone(UTC) if there.fold else there


def add_zones(calendar: Calendar, times: Iterable[tuple[str, datetime]]) -> None:
    """Put a VTIMEZONE that covers these times before the events, for each zone they are in."""
    years: dict[str, set[int]] = {}
    for zone, at in times:
        years.setdefault(zone, set()).add(local(at, zone).year)
    for zone, found in sorted(years.items(), reverse=True):
        calendar.subcomponents.insert(0, zone_rules(zone, min(found), max(found)))


@lru_cache(maxsize=256)
def zone_rules(zone: str, first: int, last: int) -> Timezone:
    """The VTIMEZONE of whole years: it stays the same while the sessions in them move. Shared by
    every calendar, so nobody may change it.

    icalendar's own `Timezone.from_tzinfo` gives the beginning of summer time in the new offset; a
    reader who goes by the book is then an hour wrong for that hour.
    """
    made = Timezone()
    made.add("tzid", zone)
    for onset in onsets(zone, first, last):
        part = TimezoneDaylight() if onset.summer else TimezoneStandard()
        part.add("dtstart", onset.wall)
        part.add("tzoffsetfrom", onset.before)
        part.add("tzoffsetto", onset.after)
        part.add("tzname", onset.name)
        made.add_component(part)
    return made


def onsets(zone: str, first: int, last: int) -> Iterator[Onset]:
    """What holds as the local year `first` begins, and each change until `last` is over."""
    rules = load_zone(zone)
    at = datetime(first, 1, 1, tzinfo=rules).astimezone(UTC)
    end = datetime(last + 1, 1, 1, tzinfo=rules).astimezone(UTC)
    yield _onset(zone, at, _state(zone, at)[0])
    while at < end:
        following = min(at + STEP, end)
        if _state(zone, at) != _state(zone, following):
            yield _onset(zone, _change(zone, at, following), _state(zone, at)[0])
        at = following


def _onset(zone: str, at: datetime, before: timedelta) -> Onset:
    after, name, summer = _state(zone, at)
    return Onset((at + before).replace(tzinfo=None), before, after, name, summer)


def _change(zone: str, low: datetime, high: datetime) -> datetime:
    """The second in which clocks change between these instants."""
    before = _state(zone, low)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if _state(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _state(zone: str, at: datetime) -> tuple[timedelta, str, bool]:
    there = local(at, zone)
    return there.utcoffset() or timedelta(), there.tzname() or zone, bool(there.dst())
