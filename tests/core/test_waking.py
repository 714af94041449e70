"""Waking time: the night does not count, and clocks that change do not either."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.core.waking import Waking
from tests.factories import at

DENVER = Waking("America/Denver", time(8), time(21))
HALF_HOUR = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("now", "over"),
    [
        ("2026-11-23 12:00", "2026-11-23 12:30"),
        ("2026-11-23 20:30", "2026-11-23 21:00"),
        ("2026-11-23 20:50", "2026-11-24 08:20"),
        ("2026-11-23 21:00", "2026-11-24 08:30"),
        ("2026-11-23 03:00", "2026-11-23 08:30"),
        ("2026-10-31 20:50", "2026-11-01 08:20"),  # the clocks go back that night
        ("2026-03-07 20:50", "2026-03-08 08:20"),  # and forward that one
    ],
)
def test_the_night_does_not_count(now: str, over: str) -> None:
    assert DENVER.after(at(now), HALF_HOUR) == at(over)


@pytest.mark.parametrize(
    ("now", "awake"),
    [("07:59", False), ("08:00", True), ("20:59", True), ("21:00", False), ("02:00", False)],
)
def test_awake(now: str, awake: bool) -> None:
    assert DENVER.awake(at(f"2026-11-23 {now}")) is awake


@given(
    st.integers(0, 365 * 24 * 60),
    st.integers(0, 3000),
    st.integers(0, 3000),
)
def test_spans_add_up(minute: int, one: int, two: int) -> None:
    start = at("2026-01-01 00:00") + timedelta(minutes=minute)
    first, second = timedelta(minutes=one), timedelta(minutes=two)

    assert DENVER.after(DENVER.after(start, first), second) == DENVER.after(start, first + second)
    assert DENVER.after(start, first) >= start + first
