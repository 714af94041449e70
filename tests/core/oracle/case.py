"""Everything one planning question consists of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduling.core.clinic import Booking, Unit
from scheduling.core.course import Course, DayLimits
from scheduling.core.wishes import PatientTime, Wishes

STEP = 300
"""Seconds between two neighbouring starts."""


@dataclass(frozen=True)
class Case:
    """A clinic over `days` local days from `first`, a course and a patient."""

    zone: str
    first: date
    days: int
    units: tuple[Unit, ...]
    bookings: tuple[Booking, ...]
    course: Course
    wishes: Wishes
    patient: PatientTime = field(default_factory=PatientTime)
    limits: DayLimits = field(default_factory=DayLimits)

    def local(self, instant: int) -> datetime:
        return datetime.fromtimestamp(instant, ZoneInfo(self.zone))

    def day(self, instant: int) -> int:
        """The local date's ordinal."""
        return self.local(instant).toordinal()

    def midnight(self, day: int) -> int:
        """The first instant of a local day (the clock may start later than 00:00)."""
        return first_instant(self.zone, date.fromordinal(day))

    def instants(self) -> range:
        """Every instant of the grid within the horizon."""
        first = self.first.toordinal()
        return range(self.midnight(first), self.midnight(first + self.days), STEP)


def first_instant(zone: str, on: date) -> int:
    """The first instant of a local date: scans forward from well before it."""
    wall = datetime(on.year, on.month, on.day, tzinfo=ZoneInfo("UTC")) - timedelta(hours=15)
    instant = int(wall.timestamp())
    here = ZoneInfo(zone)
    while datetime.fromtimestamp(instant, here).date() < on:
        instant += STEP
    return instant
