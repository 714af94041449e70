"""Whole-course planning: one best plan. `proposals.py` offers several that really differ."""

from __future__ import annotations

from datetime import timedelta

from scheduling.core.assign import assign
from scheduling.core.availability import Availability
from scheduling.core.course import Course, DayLimits
from scheduling.core.formulate import pools_of, problem_of
from scheduling.core.plan import Answer, Proposal, Reason, Session
from scheduling.core.problem import Plan, Problem
from scheduling.core.search import NODE_LIMIT, search
from scheduling.core.wishes import PatientTime, Wishes

NOTHING_ELSE = PatientTime()
USUAL_LIMITS = DayLimits()


def best(
    availability: Availability,
    course: Course,
    wishes: Wishes,
    *,
    patient: PatientTime = NOTHING_ELSE,
    limits: DayLimits = USUAL_LIMITS,
    node_limit: int = NODE_LIMIT,
) -> Answer:
    """The cheapest plan by the usual weights, with its units bound; or an empty answer.

    Says nothing about why there is none: that is `explain.why_none`.
    """
    problem = problem_of(availability, course, wishes, patient=patient, limits=limits)
    found = search(problem, node_limit=node_limit)
    if found.plan is None:
        return Answer((), found.optimal, found.bound)
    offer = proposal_of(availability, course, wishes, problem, found.plan)
    return Answer((offer,), found.optimal, found.bound)


def proposal_of(
    availability: Availability,
    course: Course,
    wishes: Wishes,
    problem: Problem,
    plan: Plan,
    *,
    score: int | None = None,
    profile: str = "balanced",
    reasons: tuple[Reason, ...] = (),
) -> Proposal:
    """A plan as sessions with bound units, in order of time."""
    grid = availability.grid
    origin = grid.day_of(wishes.earliest)
    units = dict(problem.variants[plan.variant].units)
    sessions = []
    for task, (day, slot) in zip(problem.tasks, plan.places, strict=True):
        service = course.step(task.id).service
        start = grid.instant(origin + day, slot)
        pools = pools_of(availability, wishes, service, units)
        taken = assign(availability, service, start, pools=pools)
        if taken is None:
            raise AssertionError(f"{task.id}: a start without units")
        sessions.append(Session(task.id, start, start + service.minutes * 60, taken))
    days = [day for day, _ in plan.places]
    return Proposal(
        sessions=tuple(sorted(sessions, key=lambda session: (session.start, session.step))),
        score=plan.cost if score is None else score,
        trips=len({day for task, day in zip(problem.tasks, days, strict=True) if task.trip}),
        starts_on=wishes.earliest + timedelta(min(days)),
        ends_on=wishes.earliest + timedelta(max(days)),
        profile=profile,
        reasons=reasons,
    )
