"""Bind the sessions somebody asks for to concrete people and places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scheduling.core.assign import assign
from scheduling.core.availability import Availability
from scheduling.core.course import Course
from scheduling.core.plan import Session, Taken
from scheduling.core.pools import Pools, pools_for
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.service import Service


@dataclass(frozen=True, slots=True)
class Wanted:
    """One session as asked for: its start, and the unit (id) wanted for some roles."""

    start: datetime
    practitioners: Mapping[str, str] = field(default_factory=dict)

    @property
    def second(self) -> int:
        """The start in POSIX seconds."""
        return int(self.start.timestamp())


@dataclass(frozen=True, slots=True)
class Needs:
    """What the patient cannot do without: a shared language, features of every place used."""

    languages: frozenset[str] = frozenset()
    access: frozenset[str] = frozenset()

    @classmethod
    def read(cls, wishes: Mapping[str, Any]) -> Needs:
        """From wishes as they are kept with a plan."""
        return cls(frozenset(wishes.get("languages") or ()), frozenset(wishes.get("access") or ()))


def bind(
    availability: Availability,
    course: Course,
    wanted: Mapping[str, Wanted],
    *,
    needs: Needs,
    only: frozenset[str] | None = None,
    prefer: Mapping[str, str] | None = None,
    turn: int = 0,
) -> dict[str, Session]:
    """Units for every session, the same person throughout for roles of continuity.

    `only` restricts to units that are locked; `prefer` names units by role that come first. Among
    units that suit equally well, `turn` says with which to begin: where each patient brings a
    number of their own, a rush does not queue for one and the same room. Raises Refused with every
    session that cannot be bound, and why.
    """
    services = {step: course.step(step).service for step in wanted}
    persons = _continuous(availability, services, wanted, needs, only, prefer or {}, turn)
    sessions, refusals = {}, []
    for step, want in wanted.items():
        service = services[step]
        pools = tuple(
            turned(pool, turn)
            for pool in _pools(
                availability, service, {**persons, **want.practitioners}, needs, only
            )
        )
        taken = assign(availability, service, want.second, pools=pools, prefer=prefer)
        if taken is None:
            refusals.append(why_not(availability, service, step, want, pools))
        else:
            sessions[step] = session(step, service, want.second, taken)
    if refusals:
        raise Refused(refusals)
    return sessions


def session(step: str, service: Service, start: int, taken: tuple[Taken, ...] = ()) -> Session:
    """The session of a step at a start (POSIX seconds)."""
    return Session(step, start, start + service.minutes * 60, taken)


def why_not(
    availability: Availability, service: Service, step: str, want: Wanted, pools: Pools
) -> Refusal:
    """The most telling reason: nobody of the role, nobody at work then, or all of them taken."""
    facts = {"step": step, "start": want.start.astimezone(UTC).isoformat()}
    for need, pool in zip(service.requirements, pools, strict=True):
        if not pool:
            return refuse(Code.NO_STAFF, role=need.role, **facts)
    for need, pool in zip(service.requirements, pools, strict=True):
        start, end = want.second + need.start * 60, want.second + need.end * 60
        if not any(_open(availability, unit, start, end) for unit in pool):
            return refuse(Code.OUTSIDE_HOURS, role=need.role, **facts)
    return refuse(Code.TAKEN, **facts)


def _open(availability: Availability, unit: str, start: int, end: int) -> bool:
    opens = availability.units[unit].opens
    return any(low <= start and end <= high for low, high in opens)


def _pools(
    availability: Availability,
    service: Service,
    persons: Mapping[str, str],
    needs: Needs,
    only: frozenset[str] | None,
) -> Pools:
    pools = pools_for(
        availability.units,
        service,
        allowed={role: frozenset({unit}) for role, unit in persons.items()},
        languages=needs.languages,
        access=needs.access,
    )
    if only is None:
        return pools
    return tuple(
        pool if need.present else tuple(unit for unit in pool if unit in only)
        for need, pool in zip(service.requirements, pools, strict=True)
    )


def _continuous(
    availability: Availability,
    services: Mapping[str, Service],
    wanted: Mapping[str, Wanted],
    needs: Needs,
    only: frozenset[str] | None,
    prefer: Mapping[str, str],
    turn: int,
) -> dict[str, str]:
    """For each role of continuity the person asked for, or whoever can give most sessions."""
    persons: dict[str, str] = {}
    for role in sorted({one.continuity for one in services.values() if one.continuity}):
        steps = [step for step, service in services.items() if service.continuity == role]
        asked = [wanted[step].practitioners.get(role) for step in steps]
        person = next(filter(None, asked), None) or _most_available(
            role,
            [(services[step], wanted[step].second) for step in steps],
            availability,
            needs,
            only,
            prefer.get(role),
            turn,
        )
        if person is not None:
            persons[role] = person
    return persons


def _most_available(
    role: str,
    sessions: Sequence[tuple[Service, int]],
    availability: Availability,
    needs: Needs,
    only: frozenset[str] | None,
    preferred: str | None,
    turn: int,
) -> str | None:
    def missed(unit: str) -> int:
        pools = (_pools(availability, one, {role: unit}, needs, only) for one, _ in sessions)
        return sum(
            assign(availability, service, start, pools=pool) is None
            for (service, start), pool in zip(sessions, pools, strict=True)
        )

    candidates = [
        unit.id
        for unit in availability.units.values()
        if role in unit.roles and (only is None or unit.id in only)
    ]
    fewest = len(sessions) + 1
    best = None
    for unit in sorted(turned(candidates, turn), key=lambda unit: unit != preferred):
        unable = missed(unit)
        if unable < fewest:
            fewest, best = unable, unit
        if not unable:
            break
    return best


def turned(units: Sequence[str], turn: int) -> tuple[str, ...]:
    """The same units in the same order, beginning elsewhere."""
    first = turn % len(units) if units else 0
    return (*units[first:], *units[:first])
