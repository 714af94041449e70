"""Change an existing course with the least disturbance: some sessions move, the rest follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from scheduling.core.allowed import allowed_starts
from scheduling.core.availability import Availability
from scheduling.core.change import change_problem
from scheduling.core.course import Course, DayLimits
from scheduling.core.offer import proposal_of, sessions_of
from scheduling.core.plan import Answer, Reason, Session
from scheduling.core.search import NODE_LIMIT, search
from scheduling.core.wishes import PatientTime, Wishes

__all__ = ["allowed_starts", "replan"]

NOTHING_ELSE = PatientTime()
USUAL_LIMITS = DayLimits()


def replan(
    availability: Availability,
    course: Course,
    current: Mapping[str, Session],
    *,
    move: Mapping[str, int],
    frozen: frozenset[str],
    wishes: Wishes,
    patient: PatientTime = NOTHING_ELSE,
    limits: DayLimits = USUAL_LIMITS,
    node_limit: int = NODE_LIMIT,
) -> Answer:
    """The course with the steps of `move` at their new starts and the least change to the rest.

    `frozen` steps stay as they are, and so does what lies before the grid; steps without a current
    session are no part of it. One proposal with every session of `current`, or none. `score` is the
    price of change (`change.py`).

    In `availability` the sessions that may move are free already (`Availability.without`);
    `patient` is what the patient has besides this course, with the past as a busy period up to now;
    `wishes.earliest` is the course's own, from which rules on the start count.
    """
    fixed = replace(wishes, fixed={**wishes.fixed, **move})
    problem = change_problem(availability, course, current, move, frozen, fixed, patient, limits)
    found = search(problem, node_limit=node_limit)
    if found.plan is None:
        return Answer((), found.optimal, found.bound)
    placed = sessions_of(availability, course, fixed, problem, found.plan, current, frozen)
    by_step = {session.step: session for session in placed}
    sessions = [by_step.get(name, session) for name, session in current.items()]
    offer = proposal_of(
        course,
        sessions,
        availability.grid.zone,
        score=found.plan.cost,
        profile="least_change",
        reasons=(Reason("least_change", {"moved": _moved(current, sessions)}),),
    )
    return Answer((offer,), found.optimal, found.bound)


def _moved(current: Mapping[str, Session], sessions: Sequence[Session]) -> int:
    return sum(session.start != current[session.step].start for session in sessions)
