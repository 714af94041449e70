"""Make a course whole again after it has lost sessions, gained some, or got another rhythm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from scheduling.core.availability import Availability
from scheduling.core.course import Course, Window
from scheduling.core.grid import DayGrid
from scheduling.core.plan import Answer, Session
from scheduling.core.replan import replan
from scheduling.core.walltime import local, to_posix
from scheduling.core.wishes import PatientTime, Wishes


def heal(
    availability: Availability,
    course: Course,
    standing: Mapping[str, Session],
    wanted: Mapping[str, Session],
    *,
    frozen: frozenset[str],
    wishes: Iterable[Wishes],
    patient: PatientTime,
) -> Answer:
    """The course with every step of `wanted` placed, and the least change to what stands.

    `wanted` gives each step that has no time now the session it had, or would best have: the price
    of another time is that of `change.py`. What stands moves only where it cannot be helped: first
    all of it stays, then only the `frozen` steps do; the first of the `wishes` that leave a way are
    kept to. Availability and patient as in `replan`.
    """
    grid = availability.grid
    ahead = {step: _within(grid, session) for step, session in wanted.items()}
    answer = Answer()
    for wish in wishes:
        for held in ([frozen | standing.keys()] if wanted else []) + [frozen]:
            answer = replan(
                availability,
                course,
                {**standing, **ahead},
                move={},
                frozen=frozenset(held) - wanted.keys(),
                wishes=wish,
                patient=patient,
            )
            if answer.proposals:
                return answer
    return answer


def best_times(
    course: Course, standing: Mapping[str, Session], steps: Iterable[str], zone: str
) -> dict[str, Session]:
    """Where steps that never had a time would best be: each at the target of its window or gap
    after the step that it follows, at the same time of day. Steps that follow none are left out."""
    placed = dict(standing)
    for step in steps:
        follows = next(
            (
                rule
                for rule in course.rules
                if rule.step == step and rule.anchor in placed and (rule.window.target or 0) >= 0
            ),
            None,
        )
        if follows is not None:
            before, minutes = placed[follows.anchor], course.step(step).service.minutes
            wall = local(before.start, zone)
            days = follows.window.target or follows.window.min or 0
            day = wall.date() + timedelta(days)
            start = to_posix(day, wall.hour * 60 + wall.minute, zone)
            placed[step] = Session(step, start, start + minutes * 60)
    return {step: session for step, session in placed.items() if step not in standing}


def paced(course: Course, pace: Mapping[str, Window]) -> Course:
    """The course with another rhythm: the gaps of a step (`inf`) replaced."""
    return replace(
        course,
        rules=tuple(
            replace(rule, window=pace[rule.step.rpartition(".")[0]])
            if rule.kind == "gap" and rule.step.rpartition(".")[0] in pace
            else rule
            for rule in course.rules
        ),
    )


def _within(grid: DayGrid, session: Session) -> Session:
    """The same session, not before the planning begins nor after it ends."""
    start = min(max(session.start, grid.midnights[0]), grid.midnights[-1] - 1)
    return replace(session, start=start, end=start + session.end - session.start)
