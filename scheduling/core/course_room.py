"""Where one session of a course may go while its other sessions stay where they are.

The rules are those of `verify.py`, turned round: not whether sessions keep them, but which days and
which starts of a day would. Days are those of the grid and may lie before it; starts are rows of
five-minute slots. Breaks between sessions are the patient's alone: units know for themselves when
they are free.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scheduling.core.bits import ONE_ROW
from scheduling.core.course import START, Course, DayLimits
from scheduling.core.grid import SLOT, DayGrid
from scheduling.core.plan import Session
from scheduling.core.walltime import local_date

FAR = 1 << 20
"""Further than any day."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a session is: its day, first slot, and first slot after it."""

    day: int
    start: int
    end: int


def stand_of(grid: DayGrid, session: Session) -> Stand:
    """Where a session stands on the grid's days, rounded outwards to whole slots."""
    day = grid.day_of(local_date(session.start, grid.zone))
    midnight = grid.midnights[day] if 0 <= day < grid.days else session.start
    start = (session.start - midnight) // SLOT
    return Stand(day, start, -(-(session.end - midnight) // SLOT))


class Room:
    """The rules of one course, ready to be asked step by step."""

    def __init__(self, course: Course, grid: DayGrid, earliest_day: int, limits: DayLimits) -> None:
        """`earliest_day`: from which rules on the start count."""
        self._limits, self._spacing = limits, course.spacing_days
        self._rest = -(-limits.break_minutes * 60 // SLOT)
        self._visit = limits.visit_minutes * 60 // SLOT
        kinds = {step.id: step.service for step in course.steps}
        self._length = {name: -(-kind.minutes * 60 // SLOT) for name, kind in kinds.items()}
        self._links: dict[str, list[tuple[str, int, int]]] = {name: [] for name in kinds}
        self._first = dict.fromkeys(kinds, -FAR)
        self._last = dict.fromkeys(kinds, FAR)
        self._before: dict[str, set[str]] = {name: set() for name in kinds}
        self._apart: dict[str, set[str]] = {name: set() for name in kinds}
        self._treatments = {name for name, kind in kinds.items() if kind.treatment}
        for rule in course.rules:
            low = -FAR if rule.window.min is None else rule.window.min
            high = FAR if rule.window.max is None else rule.window.max
            if rule.anchor == START:
                self._first[rule.step] = max(self._first[rule.step], earliest_day + low)
                self._last[rule.step] = min(self._last[rule.step], earliest_day + high)
                continue
            self._links[rule.step].append((rule.anchor, low, high))
            self._links[rule.anchor].append((rule.step, -high, -low))
            if rule.window.min is not None and rule.window.min >= 0:
                self._before[rule.step].add(rule.anchor)
            elif rule.window.max is not None and rule.window.max <= 0:
                self._before[rule.anchor].add(rule.step)
        for one, other in course.apart:
            self._apart[one].add(other)
            self._apart[other].add(one)
        talks = {name for name, kind in kinds.items() if kind.talk}
        for treatment in self._treatments:
            self._before[treatment] |= talks - {treatment}

    def near(self, steps: Iterable[str]) -> set[str]:
        """The steps that have a rule in common with one of these, themselves left out."""
        steps = set(steps)
        return {other for step in steps for other, _, _ in self._links[step]} - steps

    def days(self, step: str, others: Mapping[str, Stand]) -> tuple[int, int, set[int]]:
        """The first and the last day on which the step may be, and days between that it may not."""
        first, last = self._first[step], self._last[step]
        for other, low, high in self._links[step]:
            where = others.get(other)
            if where is not None:
                first, last = max(first, where.day + low), min(last, where.day + high)
        shut = {others[name].day for name in self._apart[step] if name in others}
        if step in self._treatments:
            for name in self._treatments - {step}:
                if name in others:
                    day = others[name].day
                    shut.update(range(day - self._spacing + 1, day + self._spacing))
        return first, last, shut

    def row(self, step: str, day: int, others: Mapping[str, Stand]) -> int:
        """The starts of a day, one of those of `days`, beside what the course has there."""
        mates = [(name, where) for name, where in others.items() if where.day == day]
        row = ONE_ROW
        if not mates:
            return row
        if len(mates) >= self._limits.sessions:
            return 0
        length, rest = self._length[step], self._rest
        for name, where in mates:
            later = ONE_ROW >> (where.end + rest) << (where.end + rest)
            earlier = _up_to(where.start - rest - length)
            after, before = name in self._before[step], step in self._before.get(name, ())
            if after and before:  # a rule of the course against talk before treatment
                return 0
            row &= later if after else earlier if before else later | earlier
        first = min(where.start for _, where in mates)
        last = max(where.end for _, where in mates)
        row &= _up_to(first + self._visit - length)
        return row >> max(last - self._visit, 0) << max(last - self._visit, 0)


def _up_to(slot: int) -> int:
    return (1 << (slot + 1)) - 1 if slot >= 0 else 0
