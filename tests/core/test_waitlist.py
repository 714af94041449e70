"""The first look: who wants something that is free on a day, in which order."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scheduling.core.availability import Availability
from scheduling.core.bits import ones
from scheduling.core.clinic import Booking, Unit
from scheduling.core.course import START, Course, Rule, Step, Window
from scheduling.core.grid import DayGrid
from scheduling.core.room import room_for
from scheduling.core.service import Phase, Requirement, Service
from scheduling.core.waitlist import Waiting, candidates
from scheduling.core.walltime import to_posix

ZONE = "America/Denver"
FIRST = date(2026, 11, 23)
TALK = Service("talk", (Phase("treat", 60),), (Requirement("therapist", 0, 60, speaks=True),))


def at(hour: int, minute: int = 0) -> int:
    return to_posix(FIRST, hour * 60 + minute, ZONE)


def clinic(*taken: tuple[int, int]) -> Availability:
    """Tess, there from nine to twelve; Toni, who speaks Spanish, from two to three."""
    units = [
        Unit("tess", "Tess", frozenset({"therapist"}), opens=((at(9), at(12)),),
             languages=frozenset({"en"})),
        Unit("toni", "Toni", frozenset({"therapist"}), opens=((at(14), at(15)),),
             languages=frozenset({"en", "es"})),
    ]  # fmt: skip
    bookings = [Booking("tess", at(low), at(high)) for low, high in taken]
    return Availability(DayGrid(ZONE, FIRST, 3), units, bookings)


def waiting(name: str, turn: int = 1, priority: int = 0, **more: Any) -> Waiting:
    return Waiting(name, (-priority, turn), TALK, **({"first": FIRST} | more))


def found(made: Availability, *entries: Waiting) -> list[tuple[str, set[int]]]:
    return [
        (one.id, {made.grid.instant(0, slot) for slot in ones(row)})
        for one, row in candidates(made, 0, entries)
    ]


def test_the_order_is_priority_then_turn() -> None:
    entries = waiting("b", 2), waiting("c", 3, priority=1), waiting("a", 1)

    assert [name for name, _ in found(clinic(), *entries)] == ["c", "a", "b"]


def test_starts_are_those_that_are_free() -> None:
    [(_, starts)] = found(clinic((9, 10), (11, 12)), waiting("a"))

    assert starts == {at(10), at(14)}


@pytest.mark.parametrize(
    ("wish", "kept"),
    [
        ({"first": date(2026, 11, 24)}, set()),
        ({"last": date(2026, 11, 22)}, set()),
        ({"weekdays": frozenset({2})}, set()),
        ({"weekdays": frozenset({1})}, {10, 14}),
        ({"day_parts": frozenset({"afternoon"})}, {14}),
        ({"day_parts": frozenset({"morning", "afternoon", "evening"})}, {10, 14}),
        ({"before": at(14)}, {10}),
        ({"before": at(10)}, set()),
        ({"soonest": at(10, 5)}, {14}),
        ({"person": ("therapist", "toni")}, {14}),
        ({"languages": frozenset({"es"})}, {14}),
        ({"refused": ((at(10, 30), at(11, 30)),)}, {14}),
        ({"refused": ((at(11), at(12)),)}, {10, 14}),
    ],
)
def test_what_is_not_wished_for_is_left_out(wish: dict[str, Any], kept: set[int]) -> None:
    answer = found(clinic((9, 10), (11, 12)), waiting("a", **wish))

    assert answer == ([("a", {at(hour) for hour in kept})] if kept else [])


STEPS = tuple(Step(f"inf.{n}", TALK) for n in (1, 2, 3))
GAPS = (
    Rule(START, "inf.1", Window(0, None, 14)),
    Rule("inf.1", "inf.2", Window(2, 3, 7), "gap"),
    Rule("inf.2", "inf.3", Window(2, 3, 7), "gap"),
)


@pytest.mark.parametrize(
    ("step", "room"),
    [
        ("inf.1", (date(2026, 12, 2), date(2026, 12, 7))),
        ("inf.2", (date(2026, 12, 6), date(2026, 12, 10))),
        ("inf.3", (date(2026, 12, 11), date(2026, 12, 16))),
    ],
)
def test_gaps_bind_both_ways(step: str, room: tuple[date, date]) -> None:
    days = {"inf.1": date(2026, 12, 4), "inf.2": date(2026, 12, 9), "inf.3": date(2026, 12, 12)}
    others = {name: day for name, day in days.items() if name != step}

    assert room_for(Course(STEPS, GAPS), others, step, date(2026, 12, 1)) == room


def test_without_rules_there_is_room_for_ever() -> None:
    assert room_for(Course(STEPS, ()), {}, "inf.1", FIRST) == (None, None)
