"""Seeded clinics full of believable bookings, and patients who ask for a course in them.

Amsterdam, 26 weeks from 16 February 2026: six holidays and the change to summer time. Every day is
**jammed** with realistic visits (80 % at the first free start, the rest anywhere) and then visits
are **cancelled** at random, so that holes look like cancellations. The load is the share of a
jammed day that stays: 1.10 times the figure in week 1, falling to 0.90 in week 12, then 0.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from benchmarks import courses
from scheduling.core.clinic import Booking, Period, Unit
from scheduling.core.wishes import Liking, Wishes

ZONE = "Europe/Amsterdam"
FIRST = date(2026, 2, 16)
WEEKS = 26
HOLIDAYS = frozenset(
    date(2026, month, day) for month, day in ((4, 3), (4, 6), (4, 27), (5, 5), (5, 14), (5, 25))
)
OPENING, CLOSING, GROUP_TIME = 8 * 60, 17 * 60, 15 * 60 + 30
DAY_SLOTS = 288

VISITS: dict[str, Sequence[tuple[int, int]]] = {
    "prescriber": ((10, 30), (20, 30), (60, 40)),
    "nurse": ((130, 80), (90, 20)),
    "therapist": ((50, 1),),
    "counsellor": ((50, 1),),
    "infusion_chair": ((145, 1),),
    "therapy_room": ((50, 80), (60, 20)),
}
"""What a day of each role is jammed with: (minutes, weight). Roles are jammed one by one, so holes
of different units need not coincide: each is free at some time, but rarely all together."""


@dataclass(frozen=True)
class Site:
    """How many of each there are, on which weekdays it opens and groups meet (ISO 1-7)."""

    prescribers: int
    nurses: int
    therapists: int
    counsellors: int
    coaches: int
    chairs: int
    rooms: int
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    groups: frozenset[int] = frozenset({1, 2, 3, 4, 5})


SMALL = Site(1, 2, 2, 1, 0, 4, 3, groups=frozenset({2, 4}))
MEDIUM = Site(3, 6, 6, 3, 2, 12, 8)
LARGE = Site(4, 8, 7, 4, 2, 15, 10)
SITES: dict[str, tuple[Site, ...]] = {
    "small": (SMALL,),
    "medium": (MEDIUM,),
    "large": (LARGE, LARGE, LARGE, Site(4, 8, 7, 4, 2, 15, 10, frozenset({1, 2, 3, 4, 5, 6}))),
}


@dataclass(frozen=True)
class Clinic:
    """One site. `shares` says, per day, how many visits the jammed day held and how many stayed."""

    units: tuple[Unit, ...]
    bookings: tuple[Booking, ...]
    shares: tuple[tuple[date, int, int], ...] = ()
    zone: str = ZONE
    first: date = FIRST
    days: int = 7 * WEEKS


@lru_cache(maxsize=16)
def clinic(size: str, load: float, seed: int = 0, site: int = 0) -> Clinic:
    """The clinic of that size at that load; for `large` one of its four sites."""
    rng = Random(f"{size}/{load}/{seed}/{site}")
    units = tuple(_units(SITES[size][site], rng))
    bookings: list[Booking] = []
    shares = []
    for number in range(7 * WEEKS):
        day = Day(FIRST + timedelta(days=number), units)
        if not any(day.free.values()):
            continue
        visits = [visit for role in VISITS for visit in day.jam(rng, role)]
        stay = min(len(visits), round(len(visits) * load * _season(number // 7)))
        bookings.extend(rng.sample(visits, stay))
        bookings.extend(_seats(day, rng, load * _season(number // 7)))
        shares.append((day.on, len(visits), stay))
    return Clinic(units, tuple(bookings), tuple(shares))


def wishes(rng: Random) -> tuple[Wishes, int | None]:
    """A patient: what is hard and what is liked; and in a quarter the last day for infusion 1."""
    earliest = FIRST + timedelta(days=rng.randrange(1, 29))
    weekdays = set(range(1, 8))
    if rng.random() < 0.3:
        weekdays.discard(rng.randrange(1, 6))
    liking = Liking(
        weekdays=frozenset(rng.sample(range(1, 6), rng.randint(2, 5))),
        day_parts=frozenset({rng.choice(("morning", "afternoon"))}),
    )
    start_by = rng.randrange(21, 43) if rng.random() < 0.25 else None
    return Wishes(earliest, weekdays=frozenset(weekdays), liking=liking), start_by


def _season(week: int) -> float:
    return 1.10 - 0.20 * week / 11 if week < 12 else 0.6


def _units(site: Site, rng: Random) -> Iterator[Unit]:
    for role, count in (
        ("prescriber", site.prescribers),
        ("nurse", site.nurses),
        ("therapist", site.therapists),
        ("counsellor", site.counsellors),
        ("coach", site.coaches),
    ):
        holiday_weeks = rng.sample(range(WEEKS), count)
        for number in range(count):
            roles = {role}
            if role == "counsellor" and not site.coaches:
                roles.add("coach")
            yield Unit(
                f"{role}-{number + 1}",
                f"{role} {number + 1}",
                frozenset(roles),
                capacity=2 if role == "nurse" else 1,
                opens=tuple(_shifts(site, rng, number, holiday_weeks[number])),
                languages=frozenset({"nl"} if number else {"nl", "en"}),
            )
    for role, count in (("infusion_chair", site.chairs), ("therapy_room", site.rooms)):
        for number in range(count):
            hours = tuple(_period(on, OPENING, CLOSING) for on in _open_days(site))
            yield Unit(
                f"{role}-{number + 1}",
                f"{role} {number + 1}",
                frozenset({role}),
                opens=hours,
                features=frozenset() if number % 4 == 3 else frozenset({"step_free"}),
                person=False,
            )
    meetings = tuple(
        _period(on, GROUP_TIME, GROUP_TIME + courses.GROUP.minutes)
        for on in _open_days(site)
        if on.isoweekday() in site.groups
    )
    group = frozenset({"lifestyle_group"})
    yield Unit(
        "group-1", "group", group, 8, meetings, features=frozenset({"step_free"}), person=False
    )


def _shifts(site: Site, rng: Random, number: int, holiday_week: int) -> Iterator[Period]:
    """Full-timers and part-timers, each with half an hour of lunch at a time of their own."""
    early = number % 2 == 0
    begin, end = (OPENING, CLOSING - 30) if early else (OPENING + 30, CLOSING)
    lunch = 11 * 60 + 45 + 30 * (number % 4)
    working = set(site.weekdays)
    if number and rng.random() < 0.3:
        working -= set(rng.sample(sorted(working), rng.choice((1, 1, 2))))
    for on in _open_days(site):
        if on.isoweekday() in working and (on - FIRST).days // 7 != holiday_week:
            yield _period(on, begin, lunch)
            yield _period(on, lunch + 30, end)


def _open_days(site: Site) -> Iterator[date]:
    for number in range(7 * WEEKS):
        on = FIRST + timedelta(days=number)
        if on.isoweekday() in site.weekdays and on not in HOLIDAYS:
            yield on


def _period(on: date, begin: int, end: int) -> Period:
    return _instant(on, begin), _instant(on, end)


@lru_cache(maxsize=65536)
def _instant(on: date, minute: int) -> int:
    wall = datetime(on.year, on.month, on.day, minute // 60, minute % 60, tzinfo=ZoneInfo(ZONE))
    return int(wall.timestamp())


def _seats(day: Day, rng: Random, share: float) -> Iterator[Booking]:
    for unit in day.units:
        if "lifestyle_group" in unit.roles:
            for start, end in unit.opens:
                if start in day.span:
                    for _ in range(round(min(1.0, share) * unit.capacity * rng.random() ** 0.5)):
                        yield Booking(unit.id, start, end)


@dataclass
class Day:
    """One local day while it is filled: free five-minute slots per lane, counted from 00:00."""

    on: date
    units: tuple[Unit, ...]
    free: dict[tuple[str, int], int] = field(init=False)

    def __post_init__(self) -> None:
        self.zero = _instant(self.on, 0)
        self.span = range(self.zero, _instant(self.on + timedelta(days=1), 0))
        self.free = {}
        for unit in self.units:
            mask = 0
            for start, end in unit.opens:
                if start in self.span:
                    low = (start - self.zero) // 300
                    mask |= ((1 << (end - start) // 300) - 1) << low
            for lane in range(unit.capacity):
                self.free[unit.id, lane] = mask

    def jam(self, rng: Random, role: str) -> Iterator[Booking]:
        """Visits on the units of one role until none of its lengths fits any more."""
        lanes = [
            (unit.id, lane)
            for unit in self.units
            if role in unit.roles
            for lane in range(unit.capacity)
        ]
        lengths = dict(VISITS[role])
        while lengths:
            minutes = rng.choices(list(lengths), list(lengths.values()))[0]
            starts = {key: _erode(self.free[key], minutes // 5) for key in lanes}
            mask = 0
            for row in starts.values():
                mask |= row
            if not mask:
                del lengths[minutes]
                continue
            slot = _first(mask) if rng.random() < 0.8 else rng.choice(_slots(mask))
            unit, lane = next(key for key, row in starts.items() if row >> slot & 1)
            self.free[unit, lane] &= ~(((1 << minutes // 5) - 1) << slot)
            start = self.zero + 300 * slot
            yield Booking(unit, start, start + 60 * minutes)


def _erode(mask: int, length: int) -> int:
    """The slots from which `length` slots are set."""
    done = 1
    while done < length:
        step = min(done, length - done)
        mask &= mask >> step
        done += step
    return mask


def _first(mask: int) -> int:
    return (mask & -mask).bit_length() - 1


def _slots(mask: int) -> list[int]:
    return [slot for slot in range(DAY_SLOTS) if mask >> slot & 1]
