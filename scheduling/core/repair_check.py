"""Look at a repair once more with the rule checker, which shares nothing with the search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refusal
from scheduling.core.repair import Disturbed, Key, Repair, Shock
from scheduling.core.verify import verify


def checked(shock: Shock, repair: Repair) -> Repair:
    """The repair without the changes of courses that would break a rule they keep now: their
    sessions have no place then. The search sees all rules but the yearly limit of treatments."""
    wrong = {course.id for course in shock.courses if broken(shock, course, repair)}
    if not wrong:
        return repair
    kept = {key: change for key, change in repair.changes.items() if key[0] not in wrong}
    lost = {
        (course.id, step)
        for course in shock.courses
        if course.id in wrong
        for step in course.affected
    }
    return Repair(kept, repair.unplaced | lost)


def broken(shock: Shock, course: Disturbed, repair: Repair) -> list[Refusal]:
    """The rules that a course keeps now and would not keep, continuity left out."""
    before = _broken(shock, course, course.current)
    after = _broken(shock, course, dict(sessions_after(course, repair)))
    return [one for one in after if one not in before]


def sessions_after(course: Disturbed, repair: Repair) -> Iterator[tuple[str, Session]]:
    """Where the sessions of a course would be; those without a place are left out."""
    for step, session in course.current.items():
        key: Key = (course.id, step)
        change = repair.changes.get(key)
        if change is not None:
            yield step, change.session
        elif key not in repair.unplaced:
            yield step, session


def _broken(shock: Shock, course: Disturbed, sessions: Mapping[str, Session]) -> list[Refusal]:
    return list(
        verify(
            course.course,
            sessions,
            zone=shock.availability.grid.zone,
            start=course.wishes.earliest,
            limits=shock.limits,
            patient=course.patient,
            partial=True,
            ignore={Code.CONTINUITY},
        ).broken
    )
