"""A clinic small enough to see: Mondays to Fridays, times written as on the wall."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from scheduling.core.availability import Availability
from scheduling.core.clinic import Booking, Unit
from scheduling.core.grid import DayGrid
from scheduling.core.service import Phase, Requirement, Service
from scheduling.core.walltime import to_posix

ZONE = "America/Denver"
MONDAY = date(2026, 12, 7)
DAYS = 56


def at(day: int, clock: str) -> int:
    """The instant of a wall time so many days after the first Monday."""
    hour, minute = clock.split(":")
    return to_posix(MONDAY + timedelta(day), int(hour) * 60 + int(minute), ZONE)


def clock(instant: int) -> tuple[int, str]:
    """The other way round: day and wall time."""
    for day in range(DAYS):
        if at(day, "00:00") <= instant < at(day + 1, "00:00"):
            minutes = (instant - at(day, "00:00")) // 60
            return day, f"{minutes // 60:02}:{minutes % 60:02}"
    raise ValueError(instant)


def unit(name: str, *roles: str, opens: str = "09:00-12:00", **more: object) -> Unit:
    """A unit that works every weekday at these hours. A role is its name without the number."""
    begin, end = opens.split("-")
    hours = tuple((at(day, begin), at(day, end)) for day in range(DAYS) if day % 7 < 5)
    return Unit(name, name, frozenset(roles or {name.rstrip("0123456789")}), opens=hours, **more)  # type: ignore[arg-type]


def taken(name: str, day: int, begin: str, end: str) -> Booking:
    return Booking(name, at(day, begin), at(day, end))


def service(slug: str, minutes: int, *needs: Requirement | str, **more: object) -> Service:
    """A service of one phase that needs these roles throughout."""
    requirements = tuple(
        Requirement(need, 0, minutes) if isinstance(need, str) else need for need in needs
    )
    return Service(slug, (Phase("treat", minutes),), requirements, **more)  # type: ignore[arg-type]


def availability(units: Iterable[Unit], bookings: Iterable[Booking] = ()) -> Availability:
    return Availability(DayGrid(ZONE, MONDAY, DAYS), tuple(units), bookings)


def starts(free: Availability, of: Service, day: int, **more: object) -> list[str]:
    """The starts of a service on one day, as on the wall."""
    row = free.start_mask(of, **more) >> (320 * day) & ((1 << 320) - 1)  # type: ignore[arg-type]
    return [clock(free.grid.instant(day, slot))[1] for slot in range(320) if row >> slot & 1]
