"""Wall time against an oracle that only ever goes the easy way: from UTC minutes to the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from scheduling.core.walltime import (
    day_start,
    load_zone,
    local,
    local_date,
    to_instant,
    to_posix,
)

ZONES = [
    "America/Denver",  # northern
    "Europe/Amsterdam",
    "Australia/Sydney",  # southern
    "Australia/Lord_Howe",  # moves by half an hour
    "America/St_Johns",  # half-hour offset; until 2011 it changed at one minute past midnight
    "Asia/Beirut",  # changes at midnight
]
FIRST, LAST = datetime(2007, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def transitions(zone: str) -> list[datetime]:
    """The first minute of every new offset."""
    tz = ZoneInfo(zone)
    found, instant = [], FIRST
    while instant < LAST:
        if (instant + timedelta(hours=6)).astimezone(tz).utcoffset() != (
            instant.astimezone(tz).utcoffset()
        ):
            minute = instant
            while minute.astimezone(tz).utcoffset() == instant.astimezone(tz).utcoffset():
                minute += MINUTE
            found.append(minute)
        instant += timedelta(hours=6)
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_every_minute_around_every_transition_of_twenty_years(zone: str) -> None:
    tz = ZoneInfo(zone)
    changes = transitions(zone)
    assert len(changes) >= 39
    wrong = []
    for change in changes:
        utc = [change + MINUTE * minute for minute in range(-240, 241)]
        clock = [instant.astimezone(tz).replace(tzinfo=None) for instant in utc]
        first_shown: dict[datetime, datetime] = {}
        for shown, instant in zip(clock, utc, strict=True):
            first_shown.setdefault(shown.replace(fold=0), instant)
        skipped = max(later - earlier - MINUTE for earlier, later in pairwise(clock))
        wall = clock[0]
        while wall <= clock[-1]:
            expected = first_shown.get(wall) or first_shown[wall + skipped]
            if to_instant(wall.date(), wall.time(), zone) != expected:
                wrong.append(wall)
            wall += MINUTE
        wrong += [instant for instant in utc if local(instant, zone).astimezone(UTC) != instant]
    assert wrong == []


def test_a_skipped_time_moves_forward_and_a_repeated_one_is_the_first() -> None:
    spring, autumn = date(2026, 3, 8), date(2026, 11, 1)
    assert local(to_instant(spring, time(2, 30), "America/Denver"), "America/Denver").time() == (
        time(3, 30)
    )
    assert to_instant(autumn, time(1, 30), "America/Denver") == datetime(
        2026, 11, 1, 7, 30, tzinfo=UTC
    )


def test_nine_in_the_morning_stays_nine_in_the_morning() -> None:
    days = [date(2026, 3, 7), date(2026, 3, 8), date(2026, 3, 9)]
    assert [to_instant(day, 9 * 60, "America/Denver").hour for day in days] == [16, 15, 15]


def test_a_day_begins_at_one_where_midnight_is_skipped() -> None:
    begins = day_start(date(2026, 3, 29), "Asia/Beirut")
    assert local(begins, "Asia/Beirut").time() == time(1)
    assert local_date(begins - MINUTE, "Asia/Beirut") == date(2026, 3, 28)


def test_minutes_of_the_day_reach_to_the_next_midnight() -> None:
    assert to_instant(date(2026, 11, 1), 24 * 60, "America/Denver") == day_start(
        date(2026, 11, 2), "America/Denver"
    )
    with pytest.raises(ValueError, match="1441 is not a minute of the day"):
        to_instant(date(2026, 11, 1), 24 * 60 + 1, "America/Denver")


def test_posix_seconds_are_instants_too() -> None:
    instant = to_instant(date(2026, 12, 1), time(9, 5), "America/Denver")
    posix = to_posix(date(2026, 12, 1), time(9, 5), "America/Denver")
    assert local(posix, "America/Denver") == local(instant, "America/Denver")


def test_what_is_not_an_instant_or_a_wall_time_is_refused() -> None:
    with pytest.raises(ValueError, match="an instant needs a zone"):
        local(datetime(2026, 12, 1, 9), "America/Denver")  # noqa: DTZ001 - naive on purpose
    with pytest.raises(ValueError, match="a wall time carries no zone"):
        to_instant(date(2026, 12, 1), time(9, tzinfo=UTC), "America/Denver")
    with pytest.raises(OverflowError):
        to_instant(date(9999, 12, 31), time(23, 59), "America/Denver")


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "America", "x" * 5000, "\0"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        load_zone(name)
