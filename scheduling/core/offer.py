"""A plan of the search as a proposal: instants, and concrete units for every session."""

from __future__ import annotations

from datetime import timedelta

from scheduling.core.assign import assign
from scheduling.core.availability import Availability
from scheduling.core.course import Course
from scheduling.core.formulate import pools_of
from scheduling.core.plan import Proposal, Reason, Session
from scheduling.core.problem import Plan, Problem
from scheduling.core.wishes import Wishes


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
