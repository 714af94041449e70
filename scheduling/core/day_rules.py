"""A course's rules in the terms of the search: between positions, counted from day 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scheduling.core.course import START, Course, Step
from scheduling.core.problem import DAY_ZERO, DayRule


def day_rules(
    course: Course, position: Mapping[str, int], days: Mapping[str, int]
) -> Iterator[DayRule]:
    """The rules between the steps of `position`; one against a step that stands on its day counts
    from day 0 instead, and one against any other step does not bind."""
    standing = {START: 0, **days}
    for rule in course.rules:
        low, aim, high = rule.window.min, rule.window.target, rule.window.max
        step, anchor = position.get(rule.step), position.get(rule.anchor)
        if step is not None and anchor is not None:
            yield DayRule(anchor, step, low, aim, high)
        elif step is not None and rule.anchor in standing:
            shift = standing[rule.anchor]
            yield DayRule(DAY_ZERO, step, *(_plus(value, shift) for value in (low, aim, high)))
        elif anchor is not None and rule.step in standing:
            shift = standing[rule.step]
            yield DayRule(DAY_ZERO, anchor, *(_from(shift, value) for value in (high, aim, low)))


def _plus(value: int | None, shift: int) -> int | None:
    return None if value is None else value + shift


def _from(shift: int, value: int | None) -> int | None:
    return None if value is None else shift - value


def same_day_order(
    course: Course, steps: tuple[Step, ...], position: Mapping[str, int]
) -> Iterator[tuple[int, int]]:
    """Pairs (i, j) of which i comes first where both fall on one day."""
    for rule in course.rules:
        if rule.anchor in position and rule.step in position:
            if rule.window.min is not None and rule.window.min >= 0:
                yield position[rule.anchor], position[rule.step]
            elif rule.window.max is not None and rule.window.max <= 0:
                yield position[rule.step], position[rule.anchor]
    for i, step in enumerate(steps):
        for j, other in enumerate(steps):
            if step.service.talk and other.service.treatment and i != j:
                yield i, j
