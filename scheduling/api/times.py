"""Instants and days at the HTTP edge: RFC 3339 with an offset, in the site's own zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from scheduling.core import walltime

RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
YEARS = range(1900, 9999)
"""Calendar arithmetic is safe here, whatever the zone. What the clinic plans is far narrower."""
NAIVE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?", re.ASCII)


def stamp(instant: datetime, zone: str) -> str:
    """An instant as the API writes it: `2026-12-01T09:00:00-07:00`."""
    return walltime.local(instant, zone).isoformat()


def stamp_or_none(instant: datetime | None, zone: str) -> str | None:
    return None if instant is None else stamp(instant, zone)


def read_instant(text: str) -> datetime:
    """An aware UTC instant. Raises ValueError for other text, times without offset among them."""
    if not RFC3339.fullmatch(text):
        raise ValueError("no RFC 3339 time")
    instant = datetime.fromisoformat(text.upper())
    if instant.year not in YEARS:
        raise ValueError("outside the calendar")
    return instant.astimezone(UTC)


def read_day(text: str) -> date:
    """A calendar day. Raises ValueError for other text."""
    if not DAY.fullmatch(text):
        raise ValueError("no ISO date")
    day = date.fromisoformat(text)
    if day.year not in YEARS:
        raise ValueError("outside the calendar")
    return day


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.Field[datetime, Any, datetime, Any]):
    """An instant with an offset; a time without one says nothing certain and is refused."""

    default_error_messages = {
        "naive": _("Add the offset from UTC, as in 2026-12-01T09:00:00-07:00."),
        "invalid": _("Write the time as 2026-12-01T09:00:00-07:00."),
    }

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str):
            self.fail("invalid")
        if NAIVE.fullmatch(data):
            self.fail("naive")
        try:
            return read_instant(data)
        except ValueError:
            self.fail("invalid")


class DayField(serializers.DateField):
    """A local calendar day of the site, `2026-12-01`."""

    def to_internal_value(self, value: Any) -> date:
        try:
            return read_day(value if isinstance(value, str) else "")
        except ValueError:
            self.fail("invalid", format="YYYY-MM-DD")


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"})
class ClockField(serializers.TimeField):
    """A wall time to the minute, `09:00`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%H:%M"], format="%H:%M", **kwargs)

    def to_internal_value(self, value: Any) -> time:
        if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d", value, re.ASCII):
            self.fail("invalid", format="hh:mm")
        return super().to_internal_value(value)


@extend_schema_field(
    {
        "type": "string",
        "description": "A local day of the site, or an instant with an offset.",
        "anyOf": [{"format": "date"}, {"format": "date-time"}],
    }
)
class MomentField(InstantField):
    """A day or an instant, where a period begins or ends. A day means its first moment."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) and DAY.fullmatch(data):
            try:
                return read_day(data)
            except ValueError:
                self.fail("invalid")
        return super().to_internal_value(data)


def as_instant(moment: date | datetime, zone: str) -> datetime:
    """The first moment of a local day; an instant stays as it is."""
    return moment if isinstance(moment, datetime) else walltime.day_start(moment, zone)
