"""The only door between wall time and instants.

An instant is an aware UTC `datetime`, or POSIX seconds where the planner counts. Wall time is a
local date and a clock reading in an IANA zone. A reading that the clock skips moves forward by what
was skipped (02:30 becomes 03:30), and one that it shows twice means the first: as RFC 5545,
section 3.3.5, has it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY_MINUTES = 24 * 60


@cache
def load_zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises ValueError for a name that does not exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error


def to_instant(day: date, at: time | int, zone: str) -> datetime:
    """The UTC instant at which clocks in `zone` show `at` on `day`.

    `at` is a naive time, or minutes since midnight; 24 * 60 is the next midnight. Raises ValueError
    for other minutes or an aware time, OverflowError beyond the calendar.
    """
    if isinstance(at, int):
        if not 0 <= at <= DAY_MINUTES:
            raise ValueError(f"{at} is not a minute of the day")
        wall = datetime.combine(day, time()) + timedelta(minutes=at)
    else:
        if at.tzinfo is not None:
            raise ValueError("a wall time carries no zone of its own")
        wall = datetime.combine(day, at)
    # fold=0 reads a skipped or repeated time with the offset that held before the change.
    return wall.replace(tzinfo=load_zone(zone), fold=0).astimezone(UTC)


def to_posix(day: date, at: time | int, zone: str) -> int:
    """`to_instant` in POSIX seconds."""
    return int(to_instant(day, at, zone).timestamp())


def local(instant: datetime | int, zone: str) -> datetime:
    """What a clock in `zone` shows at `instant`, as an aware datetime in that zone.

    Raises ValueError for a naive datetime.
    """
    if isinstance(instant, int):
        return datetime.fromtimestamp(instant, load_zone(zone))
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return instant.astimezone(load_zone(zone))


def local_date(instant: datetime | int, zone: str) -> date:
    """The calendar day in `zone` at `instant`."""
    return _date_at(instant, zone) if isinstance(instant, int) else local(instant, zone).date()


@lru_cache(maxsize=1 << 14)  # the rules of a course ask for the same few starts again and again
def _date_at(second: int, zone: str) -> date:
    return local(second, zone).date()


def day_start(day: date, zone: str) -> datetime:
    """The instant at which `day` begins in `zone`; not always at 00:00 (Beirut in spring)."""
    return to_instant(day, 0, zone)
