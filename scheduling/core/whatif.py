"""What would more people, places or groups do to waiting and to use? The coming weeks are played
twice, with the same patients: as the clinic is, and as it could be.

Each patient asks for a course on their day and takes the best plan there is, as the booking pages
would give it; then the next one asks. Nothing here is random but the seed that draws the patients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from statistics import median

from scheduling.core.availability import Availability
from scheduling.core.clinic import Booking, Unit
from scheduling.core.course import Course
from scheduling.core.grid import DayGrid
from scheduling.core.planner import best
from scheduling.core.walltime import local_date, to_posix
from scheduling.core.wishes import PatientTime, Wishes

NODES = 400
"""States that the search for one patient may take: a good plan, quickly."""


@dataclass(frozen=True, slots=True)
class Addition:
    """`count` more units of a role, on weekdays (ISO 1-7) between two local minutes of the day. A
    group meets once on each of these days, at the first minute, with `capacity` seats."""

    role: str
    count: int
    weekdays: frozenset[int]
    opens: int
    closes: int
    capacity: int = 1
    person: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A patient who asks on a grid day for a course, with what they can do."""

    day: int
    course: Course
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Played:
    """`waits`: days from asking to the first session, by arrival; None where nothing fitted.
    `used`: by role, for each week, the share of open time that is taken."""

    waits: tuple[int | None, ...]
    used: Mapping[str, tuple[float, ...]]

    @property
    def placed(self) -> int:
        return sum(wait is not None for wait in self.waits)

    @property
    def median_wait(self) -> float | None:
        known = [wait for wait in self.waits if wait is not None]
        return median(known) if known else None


def play(
    availability: Availability,
    arrivals: Sequence[Arrival],
    *,
    first_day: int,
    weeks: int,
    go_on: Callable[[], bool] = lambda: True,
) -> Played:
    """Let the patients ask one after the other. `go_on` is asked before each: where it says no,
    the rest is left out."""
    grid = availability.grid
    waits: list[int | None] = []
    for arrival in sorted(arrivals, key=lambda one: one.day):
        if not go_on():
            break
        past = PatientTime(busy=((grid.midnights[0], grid.midnights[arrival.day + 1]),))
        answer = best(availability, arrival.course, arrival.wishes, patient=past, node_limit=NODES)
        if not answer.proposals:
            waits.append(None)
            continue
        sessions = answer.proposals[0].sessions
        availability = availability.taking(
            Booking(taken.unit, taken.start, taken.end)
            for session in sessions
            for taken in session.taken
            for _lane in range(taken.lanes)
        )
        first = local_date(min(session.start for session in sessions), grid.zone)
        waits.append(grid.day_of(first) - arrival.day)
    return Played(tuple(waits), _used(availability, first_day, weeks))


def with_additions(availability: Availability, additions: Sequence[Addition]) -> Availability:
    """The clinic as it could be. New people know what all of their role know together."""
    made = availability.copy()
    made.units = dict(made.units)
    for addition in additions:
        alike = [unit for unit in made.units.values() if addition.role in unit.roles]
        for number in range(addition.count):
            made.set_unit(
                Unit(
                    id=f"added {addition.role} {number}",
                    name=addition.role,
                    roles=frozenset({addition.role}),
                    capacity=addition.capacity,
                    opens=tuple(_opens(made.grid, addition)),
                    languages=frozenset().union(*(unit.languages for unit in alike)),
                    features=frozenset().union(*(unit.features for unit in alike)),
                    qualifications={name: None for unit in alike for name in unit.qualifications},
                    person=addition.person,
                )
            )
    return made


def demand(
    courses: Sequence[tuple[Course, float]],
    *,
    grid: DayGrid,
    first_day: int,
    weeks: int,
    most: int,
    seed: int = 1,
) -> list[Arrival]:
    """Patients of the coming weeks: of each course so many a week, spread evenly over the days,
    each with one weekday on which they cannot come. At most `most`: then fewer of each."""
    chance = Random(seed)  # noqa: S311 - the same patients every time, no secret
    whole = sum(rate for _, rate in courses) * weeks
    share = min(1.0, most / whole) if whole else 0.0
    arrivals = []
    for course, rate in courses:
        count = round(rate * weeks * share)
        for number in range(count):
            day = first_day + int((number + chance.random()) * 7 * weeks / count)
            never = chance.randrange(1, 6)
            wishes = Wishes(
                earliest=grid.date_of(day) + timedelta(days=1),
                weekdays=frozenset(range(1, 8)) - {never},
            )
            arrivals.append(Arrival(min(day, grid.days - 2), course, wishes))
    return sorted(arrivals, key=lambda one: one.day)


def _opens(grid: DayGrid, addition: Addition) -> list[tuple[int, int]]:
    days = (grid.date_of(day) for day in range(grid.days))
    return [
        (to_posix(day, addition.opens, grid.zone), to_posix(day, addition.closes, grid.zone))
        for day in days
        if day.isoweekday() in addition.weekdays
    ]


def _used(availability: Availability, first_day: int, weeks: int) -> dict[str, tuple[float, ...]]:
    roles: dict[str, list[str]] = {}
    for unit in availability.units.values():
        for role in unit.roles:
            roles.setdefault(role, []).append(unit.id)
    used = {}
    for role, units in sorted(roles.items()):
        shares = []
        for week in range(weeks):
            low = first_day + 7 * week
            high = min(low + 6, availability.grid.days - 1)
            loads = [availability.load(unit, low, high) for unit in units]
            opens = sum(load for load, _ in loads)
            shares.append(sum(taken for _, taken in loads) / opens if opens else 0.0)
        used[role] = tuple(shares)
    return used
