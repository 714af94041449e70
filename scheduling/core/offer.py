"""A plan of the search as a proposal: instants, and concrete units for every session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduling.core.assign import assign
from scheduling.core.availability import Availability
from scheduling.core.course import Course
from scheduling.core.formulate import pools_of
from scheduling.core.plan import Proposal, Reason, Session, Taken
from scheduling.core.pools import Pools
from scheduling.core.problem import Plan, Problem
from scheduling.core.service import Service
from scheduling.core.walltime import local_date
from scheduling.core.wishes import Wishes


def sessions_of(
    availability: Availability,
    course: Course,
    wishes: Wishes,
    problem: Problem,
    plan: Plan,
    current: Mapping[str, Session] | None = None,
    stay: frozenset[str] = frozenset(),
) -> list[Session]:
    """The plan's sessions with their units bound; where it can be, those of the current session.

    Steps of `stay` keep what they have, and are left out.
    """
    grid, current = availability.grid, current or {}
    origin = grid.day_of(wishes.earliest)
    units = dict(problem.variants[plan.variant].units)
    sessions = []
    for task, (day, slot) in zip(problem.tasks, plan.places, strict=True):
        if task.id in stay:
            continue
        service = course.step(task.id).service
        start = grid.instant(origin + day, slot)
        pools = pools_of(availability, wishes, service, units)
        was = current.get(task.id)
        taken = _still(availability, service, pools, start, was) or assign(
            availability,
            service,
            start,
            pools=pools,
            prefer={taken.role: taken.unit for taken in was.taken} if was else None,
        )
        if taken is None:
            raise AssertionError(f"{task.id}: a start without units")
        sessions.append(Session(task.id, start, start + service.minutes * 60, taken))
    return sessions


def _still(
    availability: Availability,
    service: Service,
    pools: Pools,
    start: int,
    was: Session | None,
) -> tuple[Taken, ...] | None:
    """What the session takes now, if it stays at its time and all of that is free to it."""
    if was is None or was.start != start:
        return None
    for need, pool in zip(service.requirements, pools, strict=True):
        span = (need.role, start + need.start * 60, start + need.end * 60)
        if not need.present and not any(
            span == (taken.role, taken.start, taken.end)
            and taken.unit in pool
            and availability.free(taken.unit, need, start)
            for taken in was.taken
        ):
            return None
    return was.taken


def proposal_of(
    course: Course,
    sessions: Sequence[Session],
    zone: str,
    *,
    score: int,
    profile: str = "balanced",
    reasons: tuple[Reason, ...] = (),
) -> Proposal:
    """A proposal of these sessions, in order of time, with the trips and dates counted."""
    dates = {session.step: local_date(session.start, zone) for session in sessions}
    trips = {dates[step.id] for step in course.steps if step.service.trip and step.id in dates}
    return Proposal(
        sessions=tuple(sorted(sessions, key=lambda session: (session.start, session.step))),
        score=score,
        trips=len(trips),
        starts_on=min(dates.values()),
        ends_on=max(dates.values()),
        profile=profile,
        reasons=reasons,
    )
