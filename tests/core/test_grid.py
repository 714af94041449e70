"""The rows of the planner's calendar, on ordinary days and when clocks change."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling.core.grid import SLOT, DayGrid


@pytest.mark.parametrize(
    ("zone", "day", "slots"),
    [
        ("Europe/Amsterdam", date(2026, 3, 29), 276),
        ("Europe/Amsterdam", date(2026, 10, 25), 300),
        ("Australia/Lord_Howe", date(2026, 10, 4), 282),
        ("Australia/Lord_Howe", date(2026, 4, 5), 294),
        ("Asia/Beirut", date(2026, 3, 29), 276),  # midnight itself is skipped
        ("America/Denver", date(2026, 12, 7), 288),
    ],
)
def test_a_day_has_the_slots_that_really_pass(zone: str, day: date, slots: int) -> None:
    assert DayGrid(zone, day, 1).slots(0) == slots


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "Asia/Beirut", "Australia/Lord_Howe"])
def test_every_slot_of_a_year_lies_on_its_local_day_and_is_found_again(zone: str) -> None:
    grid = DayGrid(zone, date(2026, 1, 1), 365)
    here = ZoneInfo(zone)

    for day in range(365):
        for slot in (0, 1, grid.slots(day) // 2, grid.slots(day) - 1):
            instant = grid.instant(day, slot)
            assert grid.locate(instant) == (day, slot)
            assert datetime.fromtimestamp(instant, here).date() == grid.date_of(day)


def test_a_skipped_wall_time_moves_forward_and_a_repeated_one_takes_the_first() -> None:
    spring = DayGrid("Europe/Amsterdam", date(2026, 3, 29), 1)
    autumn = DayGrid("Europe/Amsterdam", date(2026, 10, 25), 1)

    assert spring.slot_of_wall(0, 2 * 60 + 30) == 30  # 02:30 does not exist: 03:30 summer time
    assert spring.slot_of_wall(0, 9 * 60) == 96
    assert autumn.slot_of_wall(0, 2 * 60 + 30) == 30  # the first 02:30
    assert autumn.slot_of_wall(0, 9 * 60) == 120
    assert autumn.slot_of_wall(0, 24 * 60) == 300


def test_an_instant_outside_the_horizon_is_refused() -> None:
    grid = DayGrid("America/Denver", date(2026, 12, 7), 7)

    for instant in (grid.instant(0, 0) - SLOT, grid.midnights[-1]):
        with pytest.raises(ValueError, match="horizon"):
            grid.locate(instant)


def test_a_period_is_cut_at_the_horizon_and_rounded_outwards() -> None:
    grid = DayGrid("America/Denver", date(2026, 12, 7), 2)
    first = grid.instant(0, 0)

    assert grid.clip(first - 7200, first + 301) == [(0, 0b11)]
    assert grid.clip(grid.instant(0, 287), grid.instant(1, 1)) == [(0, 1 << 287), (1, 1)]
    assert grid.clip(grid.midnights[-1], grid.midnights[-1] + 300) == []
