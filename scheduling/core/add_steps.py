"""Add steps to a course that is under way: an optional block chosen later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from scheduling.core.availability import Availability
from scheduling.core.course import START, Course, DayLimits
from scheduling.core.formulate import problem_of
from scheduling.core.offer import proposal_of, sessions_of
from scheduling.core.plan import Answer, Session
from scheduling.core.search import NODE_LIMIT, search
from scheduling.core.walltime import local_date
from scheduling.core.wishes import PatientTime, Wishes

USUAL_LIMITS = DayLimits()


def add_steps(
    availability: Availability,
    course: Course,
    current: Mapping[str, Session],
    wishes: Wishes,
    *,
    patient: PatientTime,
    limits: DayLimits = USUAL_LIMITS,
    node_limit: int = NODE_LIMIT,
) -> Answer:
    """The cheapest times for the steps of the course that have no current session; the others stay.

    `availability` and `patient` as in `replan`. One proposal with the added sessions alone, or
    none.
    """
    grid = availability.grid
    days = {name: local_date(session.start, grid.zone) for name, session in current.items()}
    latest = min(grid.date_of(grid.days - 1), wishes.latest or date.max)
    within = {name: max(grid.first, wishes.earliest) <= day <= latest for name, day in days.items()}
    placed = {name: days[name].toordinal() for name in current if not within[name]}
    treatments = tuple(
        (placed[step.id], course.spacing_days)
        for step in course.steps
        if step.id in placed and step.service.treatment
    )
    rules = tuple(r for r in course.rules if not {r.step, r.anchor} <= current.keys() | {START})
    problem = problem_of(
        availability,
        replace(course, rules=rules),
        wishes,
        patient=replace(patient, treatments=(*patient.treatments, *treatments)),
        limits=limits,
        pinned={
            name: grid.instant(*grid.locate(session.start))
            for name, session in current.items()
            if within[name]
        },
        placed=placed,
    )
    found = search(problem, node_limit=node_limit)
    if found.plan is None:
        return Answer((), found.optimal, found.bound)
    # What stands keeps what it has, even where a closure has taken it since.
    stay = frozenset(current)
    added = sessions_of(availability, course, wishes, problem, found.plan, current, stay)
    offer = proposal_of(course, added, grid.zone, score=found.plan.cost)
    return Answer((offer,), found.optimal, found.bound)
