"""The planner's door: `best`, one plan; `propose`, several that really differ."""

from __future__ import annotations

from scheduling.core.availability import Availability
from scheduling.core.course import Course, DayLimits
from scheduling.core.formulate import problem_of
from scheduling.core.offer import proposal_of, sessions_of
from scheduling.core.plan import Answer
from scheduling.core.proposals import propose
from scheduling.core.search import NODE_LIMIT, search
from scheduling.core.wishes import PatientTime, Wishes

__all__ = ["best", "propose"]

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
    """The cheapest plan by the usual weights, with its units bound; or none, without the reasons
    (they are `explain.why_none`)."""
    problem = problem_of(availability, course, wishes, patient=patient, limits=limits)
    found = search(problem, node_limit=node_limit)
    if found.plan is None:
        return Answer((), found.optimal, found.bound)
    sessions = sessions_of(availability, course, wishes, problem, found.plan)
    offer = proposal_of(course, sessions, availability.grid.zone, score=found.plan.cost)
    return Answer((offer,), found.optimal, found.bound)
