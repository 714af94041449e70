"""Which units may serve each requirement of a service."""

from __future__ import annotations

from collections.abc import Mapping

from scheduling.core.clinic import Unit
from scheduling.core.service import Requirement, Service

Pools = tuple[tuple[str, ...], ...]
"""For each requirement of a service, in order, the ids of the units that may serve it."""


def pools_for(
    units: Mapping[str, Unit],
    service: Service,
    *,
    allowed: Mapping[str, frozenset[str]] | None = None,
    languages: frozenset[str] = frozenset(),
    access: frozenset[str] = frozenset(),
) -> Pools:
    """The units with each requirement's role, narrowed by what the patient needs.

    `allowed` (role -> unit ids) narrows requirements that take a lane; a `present` one, which only
    asks that somebody be on shift, is met by anyone of the role. `languages`: where a requirement
    `speaks`, a person must know one of them. `access`: a place that is used has all of them.
    """
    return tuple(
        tuple(
            unit.id
            for unit in units.values()
            if _may_serve(unit, need, languages, access)
            and (need.present or not allowed or unit.id in allowed.get(need.role, (unit.id,)))
        )
        for need in service.requirements
    )


def _may_serve(
    unit: Unit, need: Requirement, languages: frozenset[str], access: frozenset[str]
) -> bool:
    if need.role not in unit.roles:
        return False
    if need.qualification is not None and need.qualification not in unit.qualifications:
        return False
    if unit.person:
        return not (need.speaks and languages) or not languages.isdisjoint(unit.languages)
    return need.present or access <= unit.features
