"""Free starts of a single service, and who could give each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduling.core.availability import Availability
from scheduling.core.bits import ones
from scheduling.core.grid import SLOT
from scheduling.core.patient import possible_starts
from scheduling.core.pools import pools_for
from scheduling.core.service import Service
from scheduling.core.wishes import PatientTime, Wishes

NOTHING_ELSE = PatientTime()


@dataclass(frozen=True, slots=True)
class Opening:
    """A start (POSIX seconds) at which all is free; `end` is the end of the patient's own time.

    `units` are the (role, unit id) of the persons who could each give the whole of it. It is empty
    where the session needs nobody, or only a handover between two persons makes it possible.
    """

    start: int
    end: int
    units: tuple[tuple[str, str], ...]


def openings(
    availability: Availability,
    service: Service,
    *,
    first_day: int,
    last_day: int,
    wishes: Wishes | None = None,
    role: str | None = None,
    unit: str | None = None,
    patient: PatientTime = NOTHING_ELSE,
) -> list[Opening]:
    """Every start on grid days `first_day` … `last_day` (both included), ascending.

    `units` names persons of `role`; without it of the service's continuity role, or else of every
    role of a person that takes part. With `unit`, only starts that this person can give.
    """
    grid = availability.grid
    first_day, last_day = max(first_day, 0), min(last_day, grid.days - 1)
    if first_day > last_day:
        return []
    welcome = possible_starts(grid, service, first_day, last_day, wishes, patient)

    def rows_of(narrowed: tuple[str, str] | None) -> list[int]:
        allowed = {r: frozenset({u}) for r, u in wishes.practitioners.items()} if wishes else {}
        if narrowed is not None:
            who, name = narrowed
            allowed[who] = allowed.get(who, frozenset({name})) & {name}
        pools = pools_for(
            availability.units,
            service,
            allowed=allowed,
            languages=wishes.languages if wishes else frozenset(),
            access=wishes.access if wishes else frozenset(),
        )
        return availability.rows_of(service, pools, first_day, last_day)

    persons = _persons(availability, service, role or service.continuity)
    if unit is not None:
        persons = [person for person in persons if person[1] == unit]
    able = [(person, rows_of(person)) for person in persons]
    # A continuity role is one person for the whole session; otherwise a handover may do.
    whole = [] if unit is not None or service.continuity else rows_of(None)
    found = []
    for index, limit in enumerate(welcome):
        givers = [(person, rows[index] & limit) for person, rows in able if rows[index] & limit]
        starts = whole[index] & limit if whole else 0
        for _, row in givers:
            starts |= row
        midnight = grid.midnights[first_day + index]
        for slot in ones(starts):
            start = midnight + slot * SLOT
            units = tuple([person for person, row in givers if row >> slot & 1])
            found.append(Opening(start, start + service.minutes * 60, units))
    return found


def _persons(
    availability: Availability, service: Service, role: str | None
) -> list[tuple[str, str]]:
    roles: Iterable[str] = dict.fromkeys(
        need.role for need in service.requirements if not need.present and role in (None, need.role)
    )
    return [
        (name, unit.id)
        for name in roles
        for unit in availability.units.values()
        if unit.person and name in unit.roles
    ]
