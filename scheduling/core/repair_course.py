"""Plan a whole course anew, where moving its affected sessions alone finds no place for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scheduling.core.clinic import Booking
from scheduling.core.plan import Session
from scheduling.core.repair import UNPLACED, Change, Disturbed, Key
from scheduling.core.repair_table import Table, bookings_of
from scheduling.core.replan import replan

NODES = 1_500
"""States looked at for one course: what is found by then is found soon."""


class Courses:
    """The courses of a table that were planned anew. Their sessions stay so from then on."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._by_id = {course.id: course for course in table.shock.courses}
        self._changes: dict[Key, Change] = {}
        self._followers: list[Booking] = []

    def replan(self, course_id: str) -> bool:
        """Let the rest of the course follow; false where that finds nothing cheaper."""
        table, course = self.table, self._by_id[course_id]
        own = [key for key in table.cases if key[0] == course_id]
        if any(key in table.shock.pins for key in own) or not course.movable:
            return False
        before = sum(table.places[k].price if k in table.places else UNPLACED for k in own)
        session_by_step = self._found(course)
        if session_by_step is None:
            return False
        changes = dict(self._priced(course, session_by_step))
        if sum(change.price for change in changes.values()) >= before:
            return False
        for key in own:
            if key in table.places:
                table.lift(key)
            table.hold(key, changes[key].session, changes[key].price)
        for change in changes.values():
            if change.follows:  # what it leaves stays taken: nobody counts on it in this repair
                self._followers += bookings_of(change.session)
                table.capacity.take(change.session.taken)
        self._changes |= changes
        return True

    def changes(self) -> dict[Key, Change]:
        """What these courses change: affected sessions, and those that follow."""
        return self._changes

    def _found(self, course: Disturbed) -> dict[str, Session] | None:
        table, shock = self.table, self.table.shock
        rest = course.movable - course.affected
        frozen = frozenset(course.current) - course.affected - rest
        others = [row for step in rest for row in bookings_of(course.current[step])]
        taken = [*table.bookings(apart_from=course.id), *self._followers]
        free = shock.availability.taking(taken).without(others)
        past = (free.grid.midnights[0], shock.not_before)
        answer = replan(
            free,
            course.course,
            course.current,
            move={},
            frozen=frozen,
            wishes=replace(course.wishes, practitioners={}, fixed={}),
            patient=replace(course.patient, busy=(*course.patient.busy, past)),
            limits=shock.limits,
            node_limit=NODES,
        )
        if not answer.proposals:
            return None
        return {session.step: session for session in answer.proposals[0].sessions}

    def _priced(self, course: Disturbed, found: dict[str, Session]) -> Iterator[tuple[Key, Change]]:
        for step, session in found.items():
            was = course.current[step]
            if step in course.affected or (session.start, session.taken) != (was.start, was.taken):
                price = self.table.price_between(course.course.step(step), was, session)
                yield (course.id, step), Change(session, price, step not in course.affected)
