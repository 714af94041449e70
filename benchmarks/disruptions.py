"""Seeded clinics full of whole courses, and people who are out for a day in them.

Courses of 8, 14 and 21 sessions are booked by the planner, as many as a load asks for; what they
leave is jammed and cancelled as in `clinics.py`, so that holes look like cancellations.
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
from scheduling.core.planner import best
from scheduling.core.plan import Session
from scheduling.core.repair import Disturbed, Shock
from scheduling.core.repair_table import bookings_of
from scheduling.core.wishes import Wishes

BOOKED = {0.6: 90, 0.85: 150}
"""Courses begun in the first five weeks, by the load."""
BEGINNINGS = 35
SICK_DAYS = range(21, 46)
"""The days, counted from the first, of which one is chosen: the courses are in full swing."""
ROLES = ("nurse", "prescriber", "therapist", "nurse")


class Booked:
    """A clinic of one load and seed with its courses: (course, its sessions, its wishes)."""

    def __init__(self, size: str, load: float, seed: int) -> None:
        rng = Random(f"repair/{size}/{load}/{seed}")
        self.units = tuple(_units(SITES[size][0], rng))
        self.grid = DayGrid(ZONE, FIRST, 7 * WEEKS)
        free = Availability(self.grid, self.units, ())
        self.courses: list[tuple[courses.Course, dict[str, Session], Wishes]] = []
        for _ in range(BOOKED[load]):
            asked, _start_by = wishes(rng)
            asked = replace(asked, earliest=FIRST + timedelta(days=rng.randrange(BEGINNINGS)))
            course = courses.course(rng.choice((8, 14, 14, 21)))
            answer = best(free, course, asked, node_limit=150)
            if answer.proposals:
                sessions = {one.step: one for one in answer.proposals[0].sessions}
                self.courses.append((course, sessions, asked))
                free = free.taking(row for one in sessions.values() for row in bookings_of(one))
        own = [
            row
            for _, sessions, _ in self.courses
            for one in sessions.values()
            for row in bookings_of(one)
        ]
        self.bookings = (*own, *_jam(self.units, own, load, rng))
        self.free = Availability(self.grid, self.units, self.bookings)


def _jam(
    units: tuple[Unit, ...], own: list[Booking], load: float, rng: Random
) -> Iterator[Booking]:
    """Other visits, so that the share of a jammed day that is taken is the load."""
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
        visits = [visit for role in VISITS for visit in day.jam(rng, role)]
        taken = sum(row.end - row.start for row in there)
        jammed = taken + sum(row.end - row.start for row in visits)
        stay = max(0.0, load * jammed - taken) / max(1, jammed - taken)
        yield from (visit for visit in visits if rng.random() < stay)


@lru_cache(maxsize=8)
def booked(size: str, load: float, seed: int) -> Booked:
    """That clinic."""
    return Booked(size, load, seed)


def disruption(size: str, load: float, number: int) -> Shock:
    """The disruption of that number: somebody is out for a day on which between 4 and 40 sessions
    of courses need them. The day before at 07:40 it becomes known."""
    made = booked(size, load, number % 2)
    rng = Random(f"out/{size}/{load}/{number}")
    while True:
        role = ROLES[number % len(ROLES)]
        out = {rng.choice([unit.id for unit in made.units if role in unit.roles])}
        if number % 8 == 7:
            out.add(rng.choice([unit.id for unit in made.units if "prescriber" in unit.roles]))
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
