"""For one session of a repair: where else it could go; and where it has no place, why, and what
somebody could do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scheduling.core.clinic import Booking
from scheduling.core.day_capacity import Kind
from scheduling.core.grid import DayGrid
from scheduling.core.refusals import Code, Refusal, refuse
from scheduling.core.repair import Disturbed, Key, Option, Repair, Shock
from scheduling.core.repair_allow import allowing, beyond_hours
from scheduling.core.repair_table import Place, Table, bookings_of

OVERTIME_MINUTES = 60
"""How much longer a day could become; the clinic's own default."""
SAME_DAY, OTHER_DAYS = 3, 5
"""Other starts that are named: on the day itself, and on the days nearest to it, one each."""


@dataclass(frozen=True, slots=True)
class Way:
    """One option; `start` (POSIX seconds) where it would give the session a time, `site` where
    that is, if it is another one, and `opens` who would have to stay, and what be open, for it."""

    option: Option
    start: int | None = None
    site: str = ""
    opens: tuple[Booking, ...] = ()


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


def ways_out(shock: Shock, repair: Repair, key: Key, shut: Iterable[Booking] = ()) -> list[Way]:
    """What could be done about a session without a place, the least trouble first. `shut` is when
    nobody can be asked to stay. Another site is not looked at here."""
    return [*_ways(shock, repair, key, shut), Way(Option.WAITLIST)]


def _ways(shock: Shock, repair: Repair, key: Key, shut: Iterable[Booking]) -> Iterator[Way]:
    for option in (Option.VIDEO, Option.OVERTIME, Option.OTHER_TIMES, Option.LATER_START):
        if option is Option.VIDEO and key[1] not in _course(shock, key).remote:
            continue
        table = _table_for(shock, repair, key, option)
        if option is Option.OVERTIME:
            longer = [span for pin in shock.pins.values() for span in pin.opens]
            day = table.cases[key].stand.day
            table.capacity.stretch(day, OVERTIME_MINUTES // 5, shut, longer)
        place = table.cheapest(key)
        if place is not None:
            opens = beyond_hours(shock.availability.units, place.session)
            if option is Option.OVERTIME and not opens:
                continue  # there is a place after all
            yield Way(option, place.session.start, opens=opens)


def _table_for(shock: Shock, repair: Repair, key: Key, option: Option | None = None) -> Table:
    """A table of one session alone: what the repair gives to others is taken."""
    course = allowing(_course(shock, key), key[1], option)
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
    return Table(shock, moved=repair.changes.keys() - {key})


def _course(shock: Shock, key: Key) -> Disturbed:
    return next(course for course in shock.courses if course.id == key[0])


def _date(grid: DayGrid, day: int) -> str:
    return grid.date_of(day).isoformat()
