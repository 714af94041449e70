"""A whole course at a glance: a row for each week, a mark for each session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from scheduling.web.weeks import week_start

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class GlanceDay:
    """A day of a course with the marks (`treatment`, `talk`, `group`) of its sessions."""

    date: date
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GlanceWeek:
    first: date
    days: list[GlanceDay]


def glance(sessions: Iterable[tuple[date, str]]) -> list[GlanceWeek]:
    """Every week from the first session (local day, mark) to the last, empty ones too."""
    marks: dict[date, list[str]] = {}
    for day, mark in sessions:
        marks.setdefault(day, []).append(mark)
    first = week_start(min(marks))
    weeks = []
    while first <= max(marks):
        days = [first + timedelta(days=number) for number in range(7)]
        weeks.append(GlanceWeek(first, [GlanceDay(day, tuple(marks.get(day, ()))) for day in days]))
        first += WEEK
    return weeks
