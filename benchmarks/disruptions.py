"""Seeded clinics full of whole courses, and people who are out for a day in them.

Courses of 8, 14 and 21 sessions are booked by the planner until few more fit; what they leave is
jammed as in `clinics.py`. Then courses and visits are cancelled at random: the load is the share of
them that stays. So holes look like cancellations, of whole visits and of parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from benchmarks import courses
from benchmarks.clinics import FIRST, SITES, VISITS, WEEKS, ZONE, Clinic, Day, _units, wishes
from scheduling.core.availability import Availability
from scheduling.core.clinic import Booking, Unit
from scheduling.core.grid import DayGrid
from scheduling.core.plan import Session
from scheduling.core.planner import best
from scheduling.core.repair import Disturbed, Shock
from scheduling.core.repair_table import bookings_of
from scheduling.core.wishes import Wishes

CLINICS = 2
"""Clinics of one load that the cases are taken from."""
ASKING = 300
"""Courses asked for, all to begin in the first five weeks."""
BEGINNINGS = 35
SICK_DAYS = range(21, 46)
"""The days, counted from the first, of which one is chosen: the courses are in full swing."""
OUT: tuple[tuple[str, ...], ...] = (
    ("nurse",),
    ("prescriber",),
    ("therapist",),
    ("nurse", "prescriber"),
    ("prescriber",),
    ("nurse", "nurse", "nurse", "prescriber"),
    ("therapist", "therapist"),
    ("nurse", "nurse", "prescriber", "prescriber", "therapist", "therapist"),
)
"""Who is out in the cases, in turn."""


class Booked:
    """A clinic of one load and seed with its courses: (course, its sessions, its wishes)."""

    def __init__(self, size: str, load: float, seed: int) -> None:
        rng = Random(f"repair/{size}/{load}/{seed}")
        self.units = tuple(_units(SITES[size][0], rng))
        self.grid = DayGrid(ZONE, FIRST, 7 * WEEKS)
        free = Availability(self.grid, self.units, ())
        self.courses: list[tuple[courses.Course, dict[str, Session], Wishes]] = []
        for _ in range(ASKING):
            asked, _start_by = wishes(rng)
            asked = replace(asked, earliest=FIRST + timedelta(days=rng.randrange(BEGINNINGS)))
            course = courses.course(rng.choice((8, 14, 14, 21)))
            answer = best(free, course, asked, node_limit=150)
            if answer.proposals:
                sessions = {one.step: one for one in answer.proposals[0].sessions}
                self.courses.append((course, sessions, asked))
                free = free.taking(row for one in sessions.values() for row in bookings_of(one))
        visits = list(_jam(self.units, self._own(), rng))
        self.courses = [one for one in self.courses if rng.random() < load]
        visits = [visit for visit in visits if rng.random() < load]
        self.bookings = (*self._own(), *visits)
        self.free = Availability(self.grid, self.units, self.bookings)

    def _own(self) -> list[Booking]:
        return [
            row
            for _, sessions, _ in self.courses
            for one in sessions.values()
            for row in bookings_of(one)
        ]


def _jam(units: tuple[Unit, ...], own: list[Booking], rng: Random) -> Iterator[Booking]:
    """Other visits, until none fits any more."""
    for number in range(7 * WEEKS):
        day = Day(FIRST + timedelta(days=number), units)
        if not any(day.free.values()):
            continue
        there = sorted((row for row in own if row.start in day.span), key=lambda row: row.start)
        for row in there:
            bits = ((1 << (row.end - row.start) // 300) - 1) << (row.start - day.zero) // 300
            lane = next(
                lane
                for (unit, lane), open_ in day.free.items()
                if unit == row.unit and open_ & bits == bits
            )
            day.free[row.unit, lane] &= ~bits
        for role in VISITS:
            yield from day.jam(rng, role)


@lru_cache(maxsize=8)
def booked(size: str, load: float, seed: int) -> Booked:
    """That clinic."""
    return Booked(size, load, seed)


def disruption(size: str, load: float, number: int) -> Shock:
    """The disruption of that number: somebody is out for a day on which between 4 and 40 sessions
    of courses need them. The day before at 07:40 it becomes known."""
    made = booked(size, load, number // len(OUT) % CLINICS)
    rng = Random(f"out/{size}/{load}/{number}")
    while True:
        out = {
            rng.choice([unit.id for unit in made.units if role in unit.roles])
            for role in OUT[number % len(OUT)]
        }
        day = FIRST + timedelta(days=rng.choice(SICK_DAYS))
        shock = shock_of(made, out, day)
        if 4 <= sum(len(one.affected) for one in shock.courses) <= 40:
            return shock


def shock_of(made: Booked, out: set[str], day: date) -> Shock:
    """These units are out on that day."""
    grid, number = made.grid, made.grid.day_of(day)
    low, high = grid.midnights[number], grid.midnights[number + 1]
    now = low - 16 * 3600 - 20 * 60
    disturbed, gone = [], []
    for index, (course, sessions, asked) in enumerate(made.courses):
        affected = frozenset(
            step
            for step, one in sessions.items()
            if any(t.unit in out and t.start < high and low < t.end for t in one.taken)
        )
        if affected:
            gone += [row for step in affected for row in bookings_of(sessions[step])]
            movable = frozenset(step for step, one in sessions.items() if one.start > now)
            disturbed.append(Disturbed(f"{index:03}", course, sessions, affected, movable, asked))
    view = made.free.without(gone).copy()
    for unit in out:
        opens = tuple(span for span in view.units[unit].opens if span[0] >= high or span[1] <= low)
        view.units = {**view.units, unit: replace(view.units[unit], opens=opens)}
        view.set_unit(view.units[unit])
    return Shock(view, tuple(disturbed), now + 2 * 3600)


__all__ = ["Clinic", "booked", "disruption", "shock_of"]
