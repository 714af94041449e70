"""Close a site, a person or a place for a while, and say whom that affects."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q, QuerySet

from scheduling.core.clinic import Unit
from scheduling.core.grid import DayGrid
from scheduling.core.intervals import clip, subtract
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.roles import Role
from scheduling.core.service import Requirement
from scheduling.core.states import BLOCKING
from scheduling.core.walltime import local_date
from scheduling.locks import lock_hours
from scheduling.models import (
    Appointment,
    Closure,
    GroupSession,
    Reservation,
    Resource,
    ResourceKind,
    Site,
)
from scheduling.operations import atomic, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.selectors import services
from scheduling.selectors.courses import Services
from scheduling.snapshots import Snapshot
from scheduling.snapshots.changes import CLINIC_SINCE
from scheduling.snapshots.units import load_units

AFFECTED = "session_in_closure"
UNPLACED = "repair_unplaced"
TO_BE_PLACED = (AFFECTED, UNPLACED)
"""Kinds of task about a session that cannot stay where it is."""
LONGEST = timedelta(days=366)
LAST_YEAR = 2099
"""Beyond it nothing is planned, and an instant may not fit the calendar any more."""
DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Closed:
    """The closure, and the sessions that cannot take place as they stand, in order."""

    closure: Closure
    affected: list[Appointment]


def close(
    *,
    actor: Actor,
    site: Site | None = None,
    resource: Resource | None = None,
    start: datetime,
    end: datetime,
    reason: str,
    seen: Snapshot | None = None,
    now: datetime,
) -> Closed:
    """Close exactly one of `site` and `resource` from `start` to `end`; front desk and managers.

    Nothing is moved or cancelled: each affected session becomes a task for the front desk. Services
    and hours that were `seen` are read again only where something of the clinic has changed since.
    Raises Refused: NOT_ALLOWED, UNKNOWN for a period that is reversed or longer than a year,
    IN_THE_PAST.
    """
    require_may_close(actor, "close")
    if (site is None) == (resource is None):
        raise ValueError("close either a site or a resource")
    refusals = period_refusals(start, end, now)
    if refusals:
        raise Refused(refusals)
    place = resource.site if resource else site
    assert place is not None  # noqa: S101 - for the type checker

    def work() -> Closed:
        known = _lock(place, seen)
        closure = Closure.objects.create(
            site=site, resource=resource, during=DateTimeTZRange(start, end), reason=reason
        )
        affected = affected_by(
            closure,
            place,
            known=known.services if known else None,
            units=known.units.values() if known else None,
        )
        staff_tasks.open_tasks(
            AFFECTED,
            Role.FRONT_DESK,
            affected,
            site=place,
            urgent_until=now + timedelta(days=2),
            due_at=max(now, start),
            facts={"closure": str(closure.pk)},
        )
        record(closure, "closed", actor, now, affected=[str(one.pk) for one in affected])
        return Closed(closure, affected)

    return atomic.run(work)


def _lock(site: Site, seen: Snapshot | None) -> Snapshot | None:
    """Let no booking slip in beside the list. What was seen, where the clinic still is like that;
    what is taken may have changed."""
    if seen is None:
        lock_hours(site.pk)
        return None
    [changes] = lock_hours(site.pk, [CLINIC_SINCE], horizon=seen.horizon)
    return seen if all(change in seen.seen for (change,) in changes) else None


def affected_by(
    closure: Closure,
    site: Site,
    *,
    known: Services | None = None,
    units: Iterable[Unit] | None = None,
) -> list[Appointment]:
    """Sessions that need what is closed: a unit they have taken, a meeting whose coach or room it
    is, or somebody of a role on site when nobody else of that role is left.

    The closure need not be saved. `known` services and `units` are not read again.
    """
    within = closure.during
    live = Appointment.objects.filter(site=site, status__in=BLOCKING).select_related("service")
    if closure.resource is None:
        touching = Q(start__lt=within.upper, end__gt=within.lower)
        touching |= Q(reservations__during__overlap=within)
        return _in_order(live.filter(touching))
    taken = live.filter(
        Q(reservations__resource=closure.resource, reservations__during__overlap=within)
        | Q(reservations__in=_seats(closure))
    )
    affected = set(taken)
    if closure.resource.kind == ResourceKind.PERSON:
        nearby = live.filter(start__lt=within.upper, end__gt=within.lower)
        alone = _left_alone(nearby, closure, site, known, units) - {one.pk for one in affected}
        if alone:
            affected |= set(live.filter(pk__in=alone))
    return sorted(affected, key=lambda one: (one.start, str(one.pk)))


def require_may_close(actor: Actor, action: str) -> None:
    """Raises Refused (NOT_ALLOWED) for anybody but front desk and managers."""
    if not actor.has(Role.FRONT_DESK, Role.MANAGER):
        roles = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action=action, role=roles)])


def period_refusals(start: datetime, end: datetime, now: datetime) -> list[Refusal]:
    """A period that is backwards, endless, over or beyond all planning cannot be closed."""
    if not timedelta() < end - start <= LONGEST or end.year > LAST_YEAR:
        return [refuse(Code.UNKNOWN, field="end", value=end.isoformat())]
    if end <= now:
        return [refuse(Code.IN_THE_PAST, start=start.isoformat())]
    return []


def _seats(closure: Closure) -> QuerySet[Reservation]:
    """Reservations of seats at meetings for which the closed resource is coach or room."""
    meetings = GroupSession.objects.filter(
        Q(coach=closure.resource) | Q(room=closure.resource),
        cancelled_at=None,
        during__overlap=closure.during,
    )
    wanted = Q(pk__in=[])
    for meeting in meetings:
        wanted |= Q(resource_id=meeting.series_id, during__overlap=meeting.during)
    return Reservation.objects.filter(wanted, appointment__isnull=False)


def _left_alone(
    nearby: QuerySet[Appointment],
    closure: Closure,
    site: Site,
    known: Services | None,
    units: Iterable[Unit] | None,
) -> set[UUID]:
    """Sessions during which somebody of the closed person's roles has to be on site, and nobody
    is any more. Of all that goes on meanwhile only what this takes is read."""
    assert closure.resource is not None  # noqa: S101
    roles = set(closure.resource.roles)
    definitions = services.definitions() if known is None else known
    watching: dict[tuple[str, str], list[Requirement]] = {}
    others: list[Unit] | None = None
    alone = set()
    for key, slug, mode, begins in nearby.values_list("pk", "service", "mode", "start"):
        if slug not in definitions:
            continue
        if (slug, mode) not in watching:
            service = services.core_service(slug, mode, known=definitions)
            needs = service.requirements
            watching[slug, mode] = [one for one in needs if one.present and one.role in roles]
        if watching[slug, mode] and others is None:
            at_work = _at_work(roles, closure, site) if units is None else units
            others = [_around(unit, closure) for unit in at_work if unit.roles & roles]
        begin = int(begins.timestamp())
        for need in watching[slug, mode]:
            start, end = begin + 60 * need.start, begin + 60 * need.end
            if not any(_there(unit, need.role, start, end) for unit in others or ()):
                alone.add(key)
    return alone


def _at_work(roles: Collection[str], closure: Closure, site: Site) -> list[Unit]:
    """Who of these roles works on the days around the closure. Five queries."""
    people = Resource.objects.filter(site=site, active=True, roles__overlap=list(roles))
    return load_units(site, _days(closure, site), list(people))


def _around(unit: Unit, closure: Closure) -> Unit:
    """The unit as it works around the closure, a day before and after, once that stands."""
    low, high = int(closure.during.lower.timestamp()), int(closure.during.upper.timestamp())
    opens = clip(unit.opens, low - DAY_SECONDS, high + DAY_SECONDS)
    if unit.id == str(closure.resource_id):
        opens = subtract(opens, [(low, high)])
    return replace(unit, opens=opens)


def _there(unit: Unit, role: str, start: int, end: int) -> bool:
    return role in unit.roles and any(low <= start and end <= high for low, high in unit.opens)


def _days(closure: Closure, site: Site) -> DayGrid:
    first = local_date(closure.during.lower, site.timezone) - timedelta(days=1)
    last = local_date(closure.during.upper, site.timezone) + timedelta(days=1)
    return DayGrid(site.timezone, first, (last - first).days + 1)


def _in_order(rows: QuerySet[Appointment]) -> list[Appointment]:
    return list(rows.distinct().order_by("start", "pk"))


def record(closure: Closure, verb: str, actor: Actor, now: datetime, **facts: object) -> None:
    """Write the event of a closure or of its end."""
    events.append(
        actor=actor,
        verb=verb,
        reason=closure.reason,
        facts={
            "closure": str(closure.pk),
            "site": str(closure.site_id) if closure.site_id else None,
            "resource": str(closure.resource_id) if closure.resource_id else None,
            "start": closure.during.lower.isoformat(),
            "end": closure.during.upper.isoformat(),
            **facts,
        },
        now=now,
    )
