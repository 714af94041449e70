"""The search's problem of changing an existing course, and the price of change.

The **price** of a session: 0 at the same start; on the same day 5 and one more for each half hour
begun; on another day 20 and 3 for each day between; and 8 more where another person than now serves
its continuity role. Nothing else counts; of a session that is moved on purpose only the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from scheduling.core.availability import Availability
from scheduling.core.bits import ones
from scheduling.core.course import START, Course, DayLimits, Step
from scheduling.core.formulate import Pricing, problem_of
from scheduling.core.grid import DayGrid
from scheduling.core.plan import Session
from scheduling.core.problem import Layers, Problem, Weights
from scheduling.core.walltime import local_date
from scheduling.core.wishes import PatientTime, Wishes

ONLY_CHANGE = Weights(trip=0, finish=0, target=0, weekday=0, day_part=0, packing=0, practitioner=0)
SAME_DAY, HALF_HOUR_SLOTS = 5, 6
OTHER_DAY, EACH_DAY = 20, 3
OTHER_PERSON = 8


def change_problem(
    availability: Availability,
    course: Course,
    current: Mapping[str, Session],
    move: Mapping[str, int],
    frozen: frozenset[str],
    wishes: Wishes,
    patient: PatientTime,
    limits: DayLimits,
) -> Problem:
    """The problem in which the `frozen` steps, and all before the grid, keep their times."""
    grid = availability.grid
    steps = tuple(step for step in course.steps if step.id in current)
    days = {name: local_date(session.start, grid.zone) for name, session in current.items()}
    latest = min(grid.date_of(grid.days - 1), wishes.latest or date.max)
    within = {name: max(grid.first, wishes.earliest) <= day <= latest for name, day in days.items()}
    stay = {
        step.id for step in steps if step.id in frozen or current[step.id].start < grid.midnights[0]
    }
    # What stays has happened or will; only rules that bind something still open matter.
    open_rules = tuple(
        rule for rule in course.rules if not {rule.step, rule.anchor} <= stay | {START}
    )
    placed = {name: days[name].toordinal() for name in stay if not within[name]}
    treatments = tuple(
        (placed[step.id], course.spacing_days)
        for step in steps
        if step.id in placed and step.service.treatment
    )
    return problem_of(
        availability,
        replace(course, steps=steps, rules=open_rules),
        wishes,
        patient=replace(patient, treatments=(*patient.treatments, *treatments)),
        limits=limits,
        weights=ONLY_CHANGE,
        pricing=_pricing(grid, current, move, wishes),
        pinned={name: _on_grid(grid, current[name].start) for name in stay if within[name]},
        placed=placed,
    )


def _on_grid(grid: DayGrid, start: int) -> int:
    """The slot in which a session begins that was not booked on the grid."""
    return grid.instant(*grid.locate(start))


def _pricing(
    grid: DayGrid, current: Mapping[str, Session], move: Mapping[str, int], wishes: Wishes
) -> Pricing:
    """The price of change, for the starts of one day."""

    def price(step: Step, units: Mapping[str, str], day: int, clinic: int, possible: int) -> Layers:
        session, role = current[step.id], step.service.continuity
        now = {taken.role: taken.unit for taken in session.taken if taken.lanes}
        other = role is not None and role in now and units.get(role) != now[role]
        person = OTHER_PERSON if other else 0
        if step.id in move:
            return ((person, possible),)
        was = (local_date(session.start, grid.zone) - wishes.earliest).days
        if day != was:
            return ((person + OTHER_DAY + EACH_DAY * abs(day - was), possible),)
        slot = grid.locate(session.start)[1]
        by_price: dict[int, int] = {}
        for start in ones(possible):
            moved = abs(start - slot)
            cost = person + (SAME_DAY + -(-moved // HALF_HOUR_SLOTS) if moved else 0)
            by_price[cost] = by_price.get(cost, 0) | 1 << start
        return tuple(sorted(by_price.items()))

    return price
