"""What a course leaves for one of its sessions where all others stay: the gaps both ways."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from scheduling.core.course import START, Course


def room_for(
    course: Course, days: Mapping[str, date], step: str, start: date
) -> tuple[date | None, date | None]:
    """The first and last local day that every window and gap leaves for the step; None: no limit.

    `days` are those of the other sessions, `start` the course's earliest date. Nothing is said of
    what shares a day with it, of other courses or of what is free: those are looked at later.
    """
    first: list[date] = []
    last: list[date] = []
    for rule in course.rules:
        low, high = rule.window.min, rule.window.max
        if rule.step == step:
            anchor = start if rule.anchor == START else days.get(rule.anchor)
        elif rule.anchor == step:
            anchor = days.get(rule.step)
            low, high = (None if high is None else -high), (None if low is None else -low)
        else:
            continue
        if anchor is not None:
            first += [anchor + timedelta(low)] if low is not None else []
            last += [anchor + timedelta(high)] if high is not None else []
    return max(first, default=None), min(last, default=None)
