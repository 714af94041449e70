"""Somebody stays longer for one session: written as an extra opening, and taken back again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from scheduling.core.clinic import Booking
from scheduling.core.grid import DayGrid
from scheduling.core.intervals import Periods, subtract, union
from scheduling.core.walltime import local_date
from scheduling.locks import lock_hours
from scheduling.models import (
    Closure,
    Disruption,
    DisruptionStatus,
    Reservation,
    Resource,
    ResourceKind,
    Site,
    WeeklyHours,
)
from scheduling.operations.actor import Actor
from scheduling.operations.close import affected_by, record
from scheduling.operations.write import instant
from scheduling.snapshots.hours import clock_of, open_periods

FOREVER = timedelta(days=366)


def shut_at(site_id: UUID, now: datetime) -> list[Booking]:
    """When nobody can be asked to stay: leave and closures from now on. A closure wins over any
    opening; a group meets at its own times alone. Two queries."""
    kinds = dict(Resource.objects.filter(site=site_id).values_list("pk", "kind"))
    shut = [
        Booking(str(key), int(now.timestamp()), int((now + FOREVER).timestamp()))
        for key, kind in kinds.items()
        if kind == ResourceKind.SERIES
    ]
    closures = Closure.objects.filter(
        Q(site=site_id) | Q(resource__site=site_id), opens=False, during__endswith__gt=now
    )
    for one in closures:
        start, end = int(one.during.lower.timestamp()), int(one.during.upper.timestamp())
        keys = [one.resource_id] if one.resource_id else kinds
        shut += [Booking(str(key), start, end) for key in keys]
    return shut


def open_longer(spans: Collection[Booking], site: Site, actor: Actor, now: datetime) -> list[UUID]:
    """Open these people and places for so long, and the site where it is not open then itself;
    return the openings' ids. Part of the caller's transaction. Four queries and two for each."""
    units = {UUID(one.unit) for one in spans}
    with_rules = WeeklyHours.objects.filter(resource__in=units)
    own_hours = set(with_rules.values_list("resource", flat=True))
    people = Resource.objects.filter(pk__in=units, kind=ResourceKind.PERSON)
    own_hours |= set(people.values_list("pk", flat=True))
    made = [
        _opening(span, resource=UUID(span.unit))
        for span in spans
        if UUID(span.unit) in own_hours  # any other place is open whenever its site is
    ]
    made += [_opening(Booking("", *span), site=site.pk) for span in _site_closed(spans, site)]
    for one in Closure.objects.bulk_create(made):
        record(one, "opened_longer", actor, now)
    return [one.pk for one in made]


def close_again(openings: Iterable[UUID], site: Site, actor: Actor, now: datetime) -> None:
    """Take openings back that nobody needs any more: no session or hold stands in them, and none
    counts on somebody who only has to be on site. The site's hours are locked, so nobody is about
    to book there."""
    for one in _unneeded(openings, site):
        record(one, "reopened", actor, now)
        one.delete()


def close_unneeded(now: datetime) -> None:
    """Close what repairs have opened longer and nobody needs any more: who stays has agreed to one
    session, not to whatever else is booked. For the sweep: looked at without a lock first, and
    again under the hours' lock."""
    recent = Disruption.objects.filter(
        status=DisruptionStatus.APPLIED, during__endswith__gt=now - timedelta(days=1)
    )
    for disruption in recent.select_related("site"):
        site = disruption.site
        opened = [key for one in disruption.before.values() for key in one.get("opened", ())]
        if opened and _unneeded(opened, site):
            with transaction.atomic():
                lock_hours(site.pk)
                close_again(opened, site, Actor.sweep(), now)


def _unneeded(openings: Iterable[UUID], site: Site) -> list[Closure]:
    return [
        one
        for one in Closure.objects.filter(pk__in=list(openings), opens=True)
        if not _is_needed(one, site)
    ]


def _is_needed(opening: Closure, site: Site) -> bool:
    inside = Reservation.objects.filter(during__overlap=opening.during)
    about = {"resource": opening.resource} if opening.resource_id else {"resource__site": site}
    gone = Closure(site=opening.site, resource=opening.resource, during=opening.during)
    return inside.filter(**about).exists() or bool(affected_by(gone, site))


def _opening(span: Booking, **owner: UUID) -> Closure:
    about = {f"{name}_id": key for name, key in owner.items()}
    during = DateTimeTZRange(instant(span.start), instant(span.end))
    return Closure(during=during, opens=True, **about)


def _site_closed(spans: Collection[Booking], site: Site) -> Periods:
    """When the site itself is not open during these spans. They are of one local day."""
    wanted = union((one.start, one.end) for one in spans)
    day = local_date(instant(wanted[0][0]), site.timezone)
    grid = DayGrid(site.timezone, day, 1)
    around = DateTimeTZRange(instant(grid.midnights[0]), instant(grid.midnights[-1]))
    exceptions = Closure.objects.filter(site=site, during__overlap=around)
    weekly = WeeklyHours.objects.filter(site=site)
    return subtract(wanted, open_periods(weekly, exceptions, grid, clock_of(site.timezone)))
