"""One session that has to go: where the patient could come, and who could give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scheduling.core.change import EACH_DAY, OTHER_DAY, OTHER_PERSON
from scheduling.core.course import Step
from scheduling.core.course_room import Room, Stand, stand_of
from scheduling.core.day_capacity import DayCapacity, Kind
from scheduling.core.patient import possible_starts
from scheduling.core.plan import Session
from scheduling.core.pools import pools_for
from scheduling.core.repair import UNPLACED, Disturbed, Key, Shock
from scheduling.core.wishes import any_time

FURTHEST = (UNPLACED - OTHER_DAY) // EACH_DAY
"""Days from where a session was beyond which no place is worth its price."""


@dataclass(slots=True)
class Case:
    """One affected session and all that does not change about it."""

    key: Key
    step: Step
    was: Session
    stand: Stand
    fits_grid: bool
    days: list[int]
    possible: dict[int, int]
    kinds: list[tuple[int, str, Kind]]
    """Who could give it, by the price of the person; without a name where that is no matter."""
    prefer: dict[str, str]


def case_of(
    shock: Shock,
    capacity: DayCapacity,
    course: Disturbed,
    step: Step,
    room: Room,
    fixed: Mapping[str, Stand],
) -> Case:
    """What is known of a session beside those of its course that stay, which are `fixed`."""
    grid, was = shock.availability.grid, course.current[step.id]
    stand = stand_of(grid, was)
    first, last, _ = room.days(step.id, fixed)
    first = max(first, stand.day - FURTHEST, grid.locate(shock.not_before)[0])
    last = min(last, stand.day + FURTHEST, grid.days - 1)
    rows = (
        possible_starts(
            grid,
            step.service,
            first,
            last,
            any_time(course.wishes) if step.id in course.any_time else course.wishes,
            course.patient,
            break_minutes=shock.limits.break_minutes,
            spacing_days=course.course.spacing_days,
        )
        if first <= last
        else []
    )
    possible = {first + n: row for n, row in enumerate(rows) if row}
    soon, slot = grid.locate(shock.not_before)
    if soon in possible:
        begun = slot + (grid.instant(soon, slot) < shock.not_before)
        possible[soon] = possible[soon] >> begun << begun
    days = sorted({*possible, stand.day}, key=lambda day: (abs(day - stand.day), -day))
    return Case(
        key=(course.id, step.id),
        step=step,
        was=was,
        stand=stand,
        fits_grid=grid.instant(stand.day, stand.start) == was.start,
        days=days,
        possible=possible,
        kinds=_kinds(capacity, course, step),
        prefer={taken.role: taken.unit for taken in was.taken},
    )


def _kinds(capacity: DayCapacity, course: Disturbed, step: Step) -> list[tuple[int, str, Kind]]:
    """Each person of the continuity role by himself, the usual one first; or all together."""
    units, service = capacity.units, step.service
    languages, access = course.wishes.languages, course.wishes.access
    role = service.continuity
    if role is None:
        pools = pools_for(units, service, languages=languages, access=access)
        return [(0, "", capacity.kind(service, pools))]
    usual = next(
        (taken.unit for taken in course.current[step.id].taken if taken.role == role), None
    )
    found = []
    for unit in units.values():
        if role in unit.roles:
            only = {role: frozenset({unit.id})}
            pools = pools_for(units, service, allowed=only, languages=languages, access=access)
            if all(pools):
                price = OTHER_PERSON if usual not in (None, unit.id) else 0
                found.append((price, unit.id, capacity.kind(service, pools)))
    return sorted(found, key=lambda one: one[0])
