"""For one session of a repair: where else it could go; and where it has no place, why, and what
somebody could do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from scheduling.core.day_capacity import Kind
from scheduling.core.grid import DayGrid
from scheduling.core.refusals import Code, Refusal, refuse
from scheduling.core.repair import Disturbed, Key, Repair, Shock
from scheduling.core.repair_table import Place, Table, bookings_of
from scheduling.core.wishes import Wishes

OVERTIME_MINUTES = 60
"""How much longer a day could become; the clinic's own default."""
SAME_DAY, OTHER_DAYS = 3, 5
"""Other starts that are named: on the day itself, and on the days nearest to it, one each."""


class Option(StrEnum):
    """What could be done about a session without a place. A closed list."""

    VIDEO = "video"  # the same people, without a room and a trip
    OVERTIME = "overtime"  # everybody stays longer
    OTHER_TIMES = "other_times"  # outside the days and hours the patient once asked for
    LATER_START = "later_start"  # longer after the session before than the protocol says
    OTHER_SITE = "other_site"
    WAITLIST = "waitlist"


@dataclass(frozen=True, slots=True)
class Way:
    """One option; `start` (POSIX seconds) where it would give the session a time."""

    option: Option
    start: int | None = None
    units: Mapping[str, str] = field(default_factory=dict)


def alternatives(shock: Shock, repair: Repair, key: Key) -> list[Place]:
    """Other places for one session while all others stay where the repair puts them: the nearest
    of its own day, and one on each of the nearest other days; cheapest first."""
    table = _table_for(shock, repair, key)
    taken = repair.changes.get(key)
    best: dict[tuple[int, int], tuple[int, int, int]] = {}
    choices: dict[tuple[int, int], tuple[int, Kind]] = {}
    for price, day, slot, kind in table.choices(key):
        at = (day, slot)
        if at not in choices or price < choices[at][0]:
            choices[at] = (price, kind)
    case = table.cases[key]
    by_day: dict[int, list[tuple[int, int, int]]] = {}
    for (day, slot), (price, _) in choices.items():
        off = abs(slot - case.stand.start)
        by_day.setdefault(day, []).append((price, off, slot))
    places = []
    for day, starts in by_day.items():
        count = SAME_DAY if day == case.stand.day else 1
        for price, off, slot in sorted(starts)[: count + 1]:
            start = table.grid.instant(day, slot)
            if taken is not None and start == taken.session.start:
                continue
            best[day, slot] = (price, off, slot)
            count -= 1
            if not count:
                break
    for (day, slot), (price, _, _) in sorted(best.items(), key=lambda one: (one[1], one[0])):
        places.append(table.take(key, day, slot, choices[day, slot][1], price))
        if len(places) == SAME_DAY + OTHER_DAYS:
            break
    return places


def why_not(shock: Shock, repair: Repair, key: Key) -> tuple[Refusal, ...]:
    """Why the session has no place: which role is hardest to find in the days its rules leave, and
    on how many of them all are free together."""
    table = _table_for(shock, repair, key)
    case, (first, last) = table.cases[key], table.window(key)
    if first > last:
        course = _course(shock, key)
        near = {rule.anchor for rule in course.course.rules if rule.step == key[1]}
        steps = sorted(near & set(course.current)) or [key[1]]
        return (refuse(Code.NO_PLAN, steps=[key[1], *(one for one in steps if one != key[1])]),)
    days = range(first, last + 1)
    capacity = table.capacity
    joint = sum(any(capacity.starts(kind, day) for _, _, kind in case.kinds) for day in days)
    role, least = "patient", joint
    for index, need in enumerate(case.step.service.requirements):
        pool = {unit for _, _, kind in case.kinds for unit in kind.pools[index]}
        free = sum(capacity.serving(need, pool, day) for day in days)
        if (role == "patient" and not joint) or free < least:
            role, least = need.role, free
    return (
        refuse(
            Code.NO_START,
            step=key[1],
            role=role,
            days_open=least,
            days_joint=joint,
            **{"from": _date(table.grid, first), "to": _date(table.grid, last)},
        ),
    )


def ways_out(shock: Shock, repair: Repair, key: Key) -> list[Way]:
    """What could be done about a session without a place, the least trouble first. Another site is
    not looked at here."""
    ways = [
        Way(option, place.session.start, {taken.role: taken.unit for taken in place.session.taken})
        for option, place in _tries(shock, repair, key)
        if place is not None
    ]
    return [*ways, Way(Option.WAITLIST)]


def _tries(shock: Shock, repair: Repair, key: Key) -> Iterator[tuple[Option, Place | None]]:
    course = _course(shock, key)
    remote = course.remote.get(key[1])
    if remote is not None:
        steps = tuple(
            replace(step, service=remote) if step.id == key[1] else step
            for step in course.course.steps
        )
        by_video = replace(course, course=replace(course.course, steps=steps))
        yield Option.VIDEO, _table_for(shock, repair, key, by_video).cheapest(key)
    longer = _table_for(shock, repair, key)
    longer.capacity.stretch(longer.cases[key].stand.day, OVERTIME_MINUTES // 5)
    yield Option.OVERTIME, longer.cheapest(key)
    anytime = replace(course, wishes=_any_time(course.wishes))
    yield Option.OTHER_TIMES, _table_for(shock, repair, key, anytime).cheapest(key)
    yield Option.LATER_START, _table_for(shock, repair, key, maxima=False).cheapest(key)


def _any_time(wishes: Wishes) -> Wishes:
    return Wishes(wishes.earliest, languages=wishes.languages, access=wishes.access)


def _table_for(
    shock: Shock, repair: Repair, key: Key, course: Disturbed | None = None, *, maxima: bool = True
) -> Table:
    """A table of one session alone: what the repair gives to others is taken."""
    course = course or _course(shock, key)
    current, followers = dict(course.current), []
    for (other, step), change in repair.changes.items():
        if (other, step) == key:
            continue
        followers += bookings_of(change.session)
        if other == course.id:
            current[step] = change.session
    for step in course.affected - {key[1]}:
        if (course.id, step) not in repair.changes:
            del current[step]
    alone = replace(course, current=current, affected=frozenset({key[1]}))
    free = shock.availability.taking(followers)
    shock = replace(shock, availability=free, courses=(alone,), pins={})
    return Table(shock, maxima=maxima, moved=repair.changes.keys() - {key})


def _course(shock: Shock, key: Key) -> Disturbed:
    return next(course for course in shock.courses if course.id == key[0])


def _date(grid: DayGrid, day: int) -> str:
    return grid.date_of(day).isoformat()
