"""A course planned anew after one change, in the medium clinic at 60 and 85 %: one session lost on
its own time, or lost with that day's prescribers away, so that others may have to follow.

The floor is arc consistency on the same problem, which any exact answer needs at least once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from statistics import median

from benchmarks.search import availability_of, queries
from benchmarks.table import Row, cpu, percentile, spread
from scheduling.core.availability import Availability
from scheduling.core.change import change_problem
from scheduling.core.clinic import Booking
from scheduling.core.course import Course, DayLimits
from scheduling.core.heal import heal
from scheduling.core.plan import Session
from scheduling.core.planner import best
from scheduling.core.verify import verify
from scheduling.core.windows import narrowed
from scheduling.core.wishes import PatientTime, Wishes

COURSES = 40
STEPS = 14
GOAL = 100


def rows() -> Iterator[Row]:
    for load in (0.6, 0.85):
        yield from _heal(availability_of("medium", load), load)


def _heal(made: Availability, load: float) -> Iterator[Row]:
    times, floors, healed, broken = [], [], 0, 0
    for number, (course, wishes) in enumerate(queries(STEPS, COURSES)):
        found = best(made, course, wishes)
        if not found.proposals:
            continue
        sessions = {one.step: one for one in found.proposals[0].sessions}
        chance = Random(number)
        lost = sessions.pop(chance.choice(sorted(sessions)))
        free = _others_came(made, lost, chance)
        usual = replace(wishes, practitioners=_persons(course, sessions))
        _once(free, course, sessions, lost, usual)  # warm masks
        floors.append(cpu(lambda: _floor(free, course, sessions, lost, usual)))  # noqa: B023
        began = time.thread_time()
        plan = _once(free, course, sessions, lost, usual)
        times.append(1000 * (time.thread_time() - began))
        if plan is not None:
            healed += 1
            placed = {one.step: one for one in plan}
            broken += bool(
                verify(course, placed, zone=made.grid.zone, start=wishes.earliest).broken
            )
    yield Row(
        f"course of {STEPS} healed, medium {load:.0%} ({healed} of {len(times)} found), CPU",
        spread(times),
        f"p95 < {GOAL} ms",
        f"{median(times) / median(floors):.1f} x arc consistency, {broken} rules broken",
        met=percentile(times, 0.95) < GOAL and not broken,
    )


def _others_came(made: Availability, lost: Session, chance: Random) -> Availability:
    """In half of the cases somebody else has the time of what was lost meanwhile."""
    if chance.random() < 0.5:
        return made
    return made.taking(
        Booking(taken.unit, taken.start, taken.end)
        for taken in lost.taken
        for _lane in range(made.units[taken.unit].capacity)
    )


def _persons(course: Course, sessions: dict[str, Session]) -> dict[str, str]:
    roles = {step.service.continuity for step in course.steps}
    return {
        taken.role: taken.unit
        for one in sessions.values()
        for taken in one.taken
        if taken.role in roles
    }


def _once(
    free: Availability,
    course: Course,
    standing: dict[str, Session],
    lost: Session,
    wishes: Wishes,
) -> tuple[Session, ...] | None:
    answer = heal(
        free,
        course,
        standing,
        {lost.step: lost},
        frozen=frozenset(),
        wishes=(wishes,),
        patient=PatientTime(),
    )
    return answer.proposals[0].sessions if answer.proposals else None


def _floor(
    free: Availability,
    course: Course,
    standing: dict[str, Session],
    lost: Session,
    wishes: Wishes,
) -> None:
    problem = change_problem(
        free, course, {**standing, lost.step: lost}, {}, frozenset(standing), wishes,
        PatientTime(), DayLimits(),
    )  # fmt: skip
    for variant in problem.variants:
        narrowed([sum(1 << day for day in options) for options in variant.options], problem.rules)
