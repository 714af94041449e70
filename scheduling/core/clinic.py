"""The clinic as the planner sees it: units with capacity, opening hours and what is taken.

Instants are POSIX seconds (UTC). Periods are half-open. A unit is a person, a place, or a series
of group sessions (its seats are the capacity, and it is open only during its dated meetings).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Period = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Unit:
    """Something scarce. `opens` are the periods in which it works, closures already taken out.

    `qualifications` maps a qualification to the last local day it is valid (ordinal), or None.
    """

    id: str
    name: str
    roles: frozenset[str]
    capacity: int = 1
    opens: tuple[Period, ...] = ()
    languages: frozenset[str] = frozenset()
    features: frozenset[str] = frozenset()
    qualifications: Mapping[str, int | None] = field(default_factory=dict)
    person: bool = True


@dataclass(frozen=True, slots=True)
class Booking:
    """One lane of a unit taken for a period, as the database holds it."""

    unit: str
    start: int
    end: int
