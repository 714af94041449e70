"""Where one session of a course may go: with the others fixed, or with the others following."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from scheduling.core.arrange import cheapest
from scheduling.core.availability import Availability
from scheduling.core.bits import ones
from scheduling.core.change import change_problem
from scheduling.core.course import Course, DayLimits
from scheduling.core.plan import Session
from scheduling.core.problem import Problem, Variant
from scheduling.core.search import search
from scheduling.core.windows import narrowed
from scheduling.core.wishes import PatientTime, Wishes

NOTHING_ELSE = PatientTime()
USUAL_LIMITS = DayLimits()
FOLLOWING_NODES = 400


def allowed_starts(
    availability: Availability,
    course: Course,
    current: Mapping[str, Session],
    step: str,
    *,
    first_day: int,
    last_day: int,
    wishes: Wishes,
    patient: PatientTime = NOTHING_ELSE,
    limits: DayLimits = USUAL_LIMITS,
    cascade: bool,
    frozen: frozenset[str] = frozenset(),
) -> list[int]:
    """Starts (POSIX seconds) of one step on grid days `first_day` … `last_day` (both included).

    With `cascade` false: those that keep every rule of the step while all other sessions stay, with
    the person who gives them now. With `cascade` true: those to which all others but the `frozen`
    can follow. The availability and the patient's time are those of `replan`.
    """
    grid = availability.grid
    held = frozen - {step} if cascade else frozenset(current) - {step}
    problem = change_problem(
        availability, course, current, {step: 0}, held, wishes, patient, limits
    )
    position = next((i for i, task in enumerate(problem.tasks) if task.id == step), None)
    if position is None:
        return []
    origin = grid.day_of(wishes.earliest)
    variants = problem.variants if cascade else tuple(_same_persons(problem, course, current, step))
    found: list[int] = []
    for day in range(max(first_day, origin, 0), min(last_day, grid.days - 1) + 1):
        here = replace(problem, variants=variants)
        row = (_following if cascade else _alone)(here, position, day - origin)
        found.extend(grid.instant(day, slot) for slot in ones(row))
    return found


def _same_persons(
    problem: Problem, course: Course, current: Mapping[str, Session], step: str
) -> Iterator[Variant]:
    """Variants in which each continuity role is served by somebody who serves it elsewhere now."""
    serving: dict[str, set[str]] = {}
    for other in course.steps:
        role = other.service.continuity
        if role is not None and other.id != step and other.id in current:
            for taken in current[other.id].taken:
                if taken.role == role and taken.lanes:
                    serving.setdefault(role, set()).add(taken.unit)
    for variant in problem.variants:
        if all(unit in serving.get(role, {unit}) for role, unit in variant.units):
            yield variant


def _alone(problem: Problem, position: int, day: int) -> int:
    """Starts of the task on that day while every other task has but its own place."""
    allowed = 0
    for variant in problem.variants:
        domains = narrowed(
            [sum(1 << other for other in options) for options in variant.options], problem.rules
        )
        if domains is None or not domains[position] >> day & 1:
            continue
        days = [min(options, default=-1) for options in variant.options]
        task = problem.tasks[position]
        apart = any(
            other != position
            and (
                (
                    days[other] == day
                    and ((other, position) in problem.apart or (position, other) in problem.apart)
                )
                or (
                    task.treatment
                    and problem.tasks[other].treatment
                    and abs(days[other] - day) < problem.spacing
                )
            )
            for other in range(len(days))
        )
        if not apart:
            mates = [i for i, when in enumerate(days) if i != position and when == day]
            allowed |= _beside(problem, variant, position, day, mates)
    return allowed


def _following(problem: Problem, position: int, day: int) -> int:
    """Starts of the task on that day for which all others find a place.

    One plan shows all starts that fit beside what it has on the same day; so few plans are needed.
    """
    open_starts = [
        sum(row for _, row in variant.options[position].get(day, ()))
        for variant in problem.variants
    ]
    allowed = 0
    while True:
        variants, originals = [], []
        for variant, row in zip(problem.variants, open_starts, strict=True):
            if row & ~allowed:
                options = list(variant.options)
                options[position] = {day: ((0, row & ~allowed),)}
                variants.append(replace(variant, options=tuple(options)))
                originals.append(variant)
        if not variants:
            return allowed
        reduced = replace(problem, variants=tuple(variants))
        plan = search(reduced, node_limit=FOLLOWING_NODES, any_plan=True).plan
        if plan is None:
            return allowed
        mates = [i for i, place in enumerate(plan.places) if i != position and place[0] == day]
        variant = originals[plan.variant]
        allowed |= 1 << plan.places[position][1]
        allowed |= _beside(problem, variant, position, day, mates)


def _beside(problem: Problem, variant: Variant, position: int, day: int, mates: list[int]) -> int:
    """Starts of the task on the day that leave its mates there a place."""
    members = [position, *mates]
    if len(members) > problem.sessions:
        return 0
    order = frozenset(
        (a, b)
        for a, i in enumerate(members)
        for b, j in enumerate(members)
        if (i, j) in problem.order
    )
    lengths = [problem.tasks[j].length for j in members]
    pause = [[problem.pause[i][j] for j in members] for i in members]
    allowed = 0
    for _, row in variant.options[position].get(day, ()):
        for slot in ones(row):
            layers = [((0, 1 << slot),), *(variant.options[j][day] for j in mates)]
            if cheapest(layers, lengths, pause, order, problem.visit) is not None:
                allowed |= 1 << slot
    return allowed
