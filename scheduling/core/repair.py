"""Repair many courses at once, after a person, a place or a site has dropped out.

What is asked and what is answered; `repair_search.py` finds it. The **price** of a repair is the
sum over the sessions that had to go: 0 at the same start with another person or place; 8 more where
another person than before serves the continuity role; on the same day 5 and one more for each half
hour begun; on another day 20 and 3 for each day between; 200 where it finds no place. A session
that moved only to make room within its own course costs what it would have cost itself.

Kept are all rules that `verify.py` knows but for continuity, which has its price; what the patient
can do at all (`wishes`, apart from practitioners, who are continuity); and what is free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scheduling.core.availability import Availability
from scheduling.core.change import EACH_DAY, HALF_HOUR_SLOTS, OTHER_DAY, OTHER_PERSON, SAME_DAY
from scheduling.core.clinic import Booking
from scheduling.core.course import Course, DayLimits
from scheduling.core.plan import Session
from scheduling.core.service import Service
from scheduling.core.wishes import PatientTime, Wishes

UNPLACED = 200

Key = tuple[str, str]
"""A session: the id of its course, and its step."""


class Option(StrEnum):
    """What could be done about a session without a place. A closed list."""

    VIDEO = "video"  # the same people, without a room and a trip
    OVERTIME = "overtime"  # those who give it stay longer
    OTHER_TIMES = "other_times"  # outside the days and hours the patient once asked for
    LATER_START = "later_start"  # further from the session before or after than the protocol says
    OTHER_SITE = "other_site"
    WAITLIST = "waitlist"


@dataclass(frozen=True, slots=True)
class Disturbed:
    """One course of which sessions have to go, or one visit of its own.

    `current`: every session that stands, with its units. `affected`: those that cannot stay as they
    are. `movable`: those that may follow them where nothing else helps. `patient`: what the patient
    has besides. `remote`: the service of a step without its room, where it can be given so.
    `any_time`: steps that may lie outside of the days and hours the patient asked for.
    """

    id: str
    course: Course
    current: Mapping[str, Session]
    affected: frozenset[str]
    movable: frozenset[str]
    wishes: Wishes
    patient: PatientTime = PatientTime()  # noqa: RUF009 - frozen
    remote: Mapping[str, Service] = field(default_factory=dict)
    any_time: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pin:
    """Where somebody wants a session to be, and the unit they want for some roles.

    `option`: what staff allow so that it can be there; `opens`: the overtime that this takes.
    """

    start: int
    units: Mapping[str, str] = field(default_factory=dict)
    option: Option | None = None
    opens: tuple[Booking, ...] = ()


@dataclass(frozen=True, slots=True)
class Shock:
    """What is to be repaired. Instants are POSIX seconds.

    In `availability` what is out is closed, and the affected sessions are free already. Nobody is
    asked to come at another time before `not_before`. `pins` stay where they are put.
    """

    availability: Availability
    courses: tuple[Disturbed, ...]
    not_before: int
    pins: Mapping[Key, Pin] = field(default_factory=dict)
    limits: DayLimits = DayLimits()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Change:
    """An affected session's new place. `follows`: it was not affected, and makes room."""

    session: Session
    price: int
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Repair:
    """A complete answer: every affected session has a place, or is named as having none."""

    changes: Mapping[Key, Change]
    unplaced: frozenset[Key]

    @property
    def price(self) -> int:
        return sum(one.price for one in self.changes.values()) + UNPLACED * len(self.unplaced)


def price_of_move(was: tuple[int, int], now: tuple[int, int]) -> int:
    """The price of another time alone; both are (day, slot)."""
    if was == now:
        return 0
    if was[0] == now[0]:
        return SAME_DAY + -(-abs(was[1] - now[1]) // HALF_HOUR_SLOTS)
    return OTHER_DAY + EACH_DAY * abs(was[0] - now[0])


__all__ = [
    "OTHER_PERSON",
    "UNPLACED",
    "Change",
    "Disturbed",
    "Key",
    "Option",
    "Pin",
    "Repair",
    "Shock",
    "price_of_move",
]
