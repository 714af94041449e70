"""Calendars as templates draw them: a month to choose a day from, a course at a glance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One square of a month. `link` is empty where nothing can be chosen; `words` tell a screen
    reader more about it. `inside`: it belongs to the month that is shown."""

    date: date
    inside: bool
    link: str = ""
    words: str = ""
    chosen: bool = False
    today: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """Whole weeks, Monday first, that cover the month of `first`."""

    first: date
    weeks: list[list[Day]]


def months(
    days: Mapping[date, tuple[str, str]], *, today: date, chosen: date | None = None
) -> list[Month]:
    """The months in which days can be chosen. `days` maps each to its link and its words."""
    firsts = sorted({day.replace(day=1) for day in days})
    return [Month(first, _weeks(first, days, today, chosen)) for first in firsts]


def _weeks(
    first: date, days: Mapping[date, tuple[str, str]], today: date, chosen: date | None
) -> list[list[Day]]:
    weeks = []
    monday = first - timedelta(days=first.weekday())
    following = (first + timedelta(days=31)).replace(day=1)
    while monday < following:
        week = []
        for day in (monday + timedelta(days=number) for number in range(7)):
            link, words = days.get(day, ("", ""))
            inside = first <= day < following
            week.append(Day(day, inside, link, words, day == chosen, day == today))
        weeks.append(week)
        monday += WEEK
    return weeks


@dataclass(frozen=True, slots=True)
class GlanceDay:
    """A day of a course with the marks (`treatment`, `talk`, `group`) of its sessions."""

    date: date
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GlanceWeek:
    monday: date
    days: list[GlanceDay]


def glance(sessions: Iterable[tuple[date, str]]) -> list[GlanceWeek]:
    """Every week from the first session (local day, mark) to the last, empty ones too."""
    marks: dict[date, list[str]] = {}
    for day, mark in sessions:
        marks.setdefault(day, []).append(mark)
    monday = min(marks) - timedelta(days=min(marks).weekday())
    weeks = []
    while monday <= max(marks):
        days = [monday + timedelta(days=number) for number in range(7)]
        weeks.append(
            GlanceWeek(monday, [GlanceDay(day, tuple(marks.get(day, ()))) for day in days])
        )
        monday += WEEK
    return weeks
