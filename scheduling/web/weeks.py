"""Where a week begins, for whoever reads: on Sunday in English, on Monday in Spanish."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.formats import get_format


def first_weekday() -> int:
    """The day a week begins on for this reader: 0 is Monday, 6 Sunday, as in `calendar`."""
    return (int(get_format("FIRST_DAY_OF_WEEK")) - 1) % 7


def week_start(day: date) -> date:
    """The first day of the week that holds `day`."""
    return day - timedelta(days=(day.weekday() - first_weekday()) % 7)
