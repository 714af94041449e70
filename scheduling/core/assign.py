"""Bind concrete units to one session: best fit, distinct where they must be, few handovers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from scheduling.core.clinic import Unit
from scheduling.core.grid import SLOT, DayGrid
from scheduling.core.plan import Taken
from scheduling.core.pools import Pools, pools_for
from scheduling.core.service import Requirement, Service


class Capacity(Protocol):
    """What is asked of whoever knows what is free: `Availability` or `DayCapacity`."""

    grid: DayGrid
    units: dict[str, Unit]

    def rows_of(self, service: Service, pools: Pools, first: int, last: int) -> list[int]: ...

    def free(self, unit_id: str, requirement: Requirement, start: int) -> bool: ...

    def taken_at(self, unit_id: str, instant: int) -> bool: ...


def assign(
    availability: Capacity,
    service: Service,
    start: int,
    *,
    allowed: Mapping[str, frozenset[str]] | None = None,
    prefer: Mapping[str, str] | None = None,
    pools: Pools | None = None,
) -> tuple[Taken, ...] | None:
    """One unit for each requirement of a session starting then (POSIX seconds), or None.

    Exact: None means that no choice exists. Among the choices: the preferred unit of a role, then
    as few persons as possible (the nurse stays across phases), then the unit whose day the session
    touches on both sides, on one, on none, then the order in which the units were given.
    `present` is checked and listed with lanes=0; `alone` takes all lanes of the unit.
    """
    try:
        day, slot = availability.grid.locate(start)
    except ValueError:
        return None
    if pools is None:
        pools = pools_for(availability.units, service, allowed=allowed)
    if not availability.rows_of(service, pools, day, day)[0] >> slot & 1:
        return None
    free = [
        [unit for unit in pool if availability.free(unit, need, start)]
        for need, pool in zip(service.requirements, pools, strict=True)
    ]
    wanted = prefer or {}
    options = []
    for need, units in zip(service.requirements, free, strict=True):
        rank = {
            unit: (
                wanted.get(need.role) != unit,
                -_phases(service, free, need.role, unit),
                _loose_ends(availability, unit, need, start),
            )
            for unit in units
        }
        options.append(_Options(need, tuple(sorted(units, key=rank.__getitem__))))
    chosen = _choose(options, 0, {})
    if chosen is None:
        return None
    return tuple(
        Taken(
            option.need.role,
            chosen[index],
            start + option.need.start * 60,
            start + option.need.end * 60,
            _lanes(availability, option.need, chosen[index]),
        )
        for index, option in enumerate(options)
    )


@dataclass(frozen=True, slots=True)
class _Options:
    need: Requirement
    units: tuple[str, ...]


def _choose(options: list[_Options], index: int, chosen: dict[int, str]) -> dict[int, str] | None:
    if index == len(options):
        return chosen
    need = options[index].need
    earlier = [options[i].need for i in chosen]
    used = list(chosen.values())
    # Who already serves another phase of this role comes first: no needless handover.
    for unit in sorted(
        options[index].units,
        key=lambda unit: (
            not any(
                unit == other and need.role == was.role
                for was, other in zip(earlier, used, strict=True)
            )
        ),
    ):
        clash = not need.present and any(
            unit == other and not was.present and was.start < need.end and need.start < was.end
            for was, other in zip(earlier, used, strict=True)
        )
        if clash:
            continue
        rest = _choose(options, index + 1, {**chosen, index: unit})
        if rest is not None:
            return rest
    return None


def _phases(service: Service, free: list[list[str]], role: str, unit: str) -> int:
    """How many requirements of the role this unit could serve."""
    return sum(
        need.role == role and unit in units
        for need, units in zip(service.requirements, free, strict=True)
    )


def _loose_ends(availability: Capacity, unit: str, need: Requirement, start: int) -> int:
    before = start + need.start * 60 - SLOT
    after = start + need.end * 60
    return 2 - availability.taken_at(unit, before) - availability.taken_at(unit, after)


def _lanes(availability: Capacity, need: Requirement, unit: str) -> int:
    if need.present:
        return 0
    return availability.units[unit].capacity if need.alone else 1
