"""What the patient can do and would like. Everything is hard but what stands in `Liking`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

DAY_PARTS: Mapping[str, tuple[int, int]] = {
    "morning": (0, 12 * 60),
    "afternoon": (12 * 60, 17 * 60),
    "evening": (17 * 60, 24 * 60),
}
"""Local minutes of the day within which a session must start to count for that part."""


@dataclass(frozen=True, slots=True)
class Liking:
    """Soft preferences: ISO weekdays, day parts, and units by role. Empty means no preference."""

    weekdays: frozenset[int] = frozenset()
    day_parts: frozenset[str] = frozenset()
    practitioners: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Hard limits. Days and minutes are local to the site; weekdays are ISO 1-7.

    `not_before` and `not_after` are minutes since local midnight between which a session must lie.
    `languages`: at least one is shared with every person whose requirement `speaks`.
    `access`: features every used place must have. `practitioners`: role -> unit id, fixed.
    `fixed`: step id -> start (POSIX seconds), fixed. `modes`: service slug -> mode wanted.
    """

    earliest: date
    latest: date | None = None
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5, 6, 7})
    day_parts: frozenset[str] = frozenset(DAY_PARTS)
    not_before: int = 0
    not_after: int = 24 * 60
    languages: frozenset[str] = frozenset()
    access: frozenset[str] = frozenset()
    practitioners: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, int] = field(default_factory=dict)
    liking: Liking = Liking()


def any_time(wishes: Wishes) -> Wishes:
    """The same patient where days and hours do not matter: what they cannot do without stays."""
    return Wishes(wishes.earliest, languages=wishes.languages, access=wishes.access)


@dataclass(frozen=True, slots=True)
class PatientTime:
    """What the patient already has elsewhere.

    `busy` are periods (POSIX seconds, half-open). `treatments` are earlier or later treatments as
    (local day ordinal, spacing in days that this treatment asks for).
    """

    busy: tuple[tuple[int, int], ...] = ()
    treatments: tuple[tuple[int, int], ...] = ()
