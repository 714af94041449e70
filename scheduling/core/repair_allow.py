"""What staff allow for one session of a repair, put into the terms in which a place is looked for:
so whatever is found under it is also kept, checked and taken under it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from scheduling.core.clinic import Booking, Unit
from scheduling.core.course import Rule
from scheduling.core.intervals import subtract
from scheduling.core.plan import Session
from scheduling.core.repair import Disturbed, Key, Option, Pin


def allowing(course: Disturbed, step: str, option: Option | None) -> Disturbed:
    """The course where that is allowed for one of its steps; the same where it means nothing for
    it. Overtime is not a course's: see `beyond_hours`."""
    if option is Option.VIDEO and step in course.remote:
        remote = course.remote[step]
        steps = tuple(
            replace(one, service=remote) if one.id == step else one for one in course.course.steps
        )
        return replace(course, course=replace(course.course, steps=steps))
    if option is Option.OTHER_TIMES:
        return replace(course, any_time=course.any_time | {step})
    if option is Option.LATER_START:
        rules = tuple(_without_maximum(rule, step) for rule in course.course.rules)
        return replace(course, course=replace(course.course, rules=rules))
    return course


def as_allowed(course: Disturbed, pins: Mapping[Key, Pin]) -> Disturbed:
    """The course with all that is allowed for its steps."""
    for (key, step), pin in pins.items():
        if key == course.id and step in course.affected:
            course = allowing(course, step, pin.option)
    return course


def beyond_hours(units: Mapping[str, Unit], session: Session) -> tuple[Booking, ...]:
    """When whoever gives the session would work longer than their hours, or a place be open so."""
    spans = {
        Booking(taken.unit, start, end)
        for taken in session.taken
        for start, end in subtract([(taken.start, taken.end)], units[taken.unit].opens)
    }
    return tuple(sorted(spans, key=lambda one: (one.unit, one.start, one.end)))


def needed(opens: Iterable[Booking], session: Session) -> list[Booking]:
    """What of the overtime is of those who give the session: others may have come in for them."""
    units = {taken.unit for taken in session.taken}
    return [one for one in opens if one.unit in units]


def within_reach(opens: Iterable[Booking], shut: Iterable[Booking]) -> list[Booking]:
    """What of the overtime is left where some of it is closed by now."""
    shut = list(shut)
    return [
        Booking(one.unit, start, end)
        for one in opens
        for start, end in subtract(
            [(one.start, one.end)], [(row.start, row.end) for row in shut if row.unit == one.unit]
        )
    ]


def _without_maximum(rule: Rule, step: str) -> Rule:
    """Only an order of the two stays: no window or gap is too long."""
    most = rule.window.max
    if step not in (rule.step, rule.anchor) or most is None or most <= 0:
        return rule
    return replace(rule, window=replace(rule.window, max=None))
