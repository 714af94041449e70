"""One day of a site by resource: when each is open, why not, and what it is taken for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q, QuerySet

from scheduling.core.grid import DayGrid
from scheduling.core.intervals import clip
from scheduling.core.walltime import day_start
from scheduling.models import Appointment, AppointmentStatus, Closure, Reservation, Resource, Site
from scheduling.snapshots.units import load_units

Span = tuple[datetime, datetime]
NEVER_CAME_TO_BE = (AppointmentStatus.EXPIRED, AppointmentStatus.RELEASED)


@dataclass(frozen=True, slots=True)
class Column:
    """One resource. `hours` are what is left after closures; `closures` are its own and the site's,
    extra openings among them; `entries` are lanes taken, by appointments or group meetings."""

    resource: Resource
    hours: tuple[Span, ...]
    closures: tuple[Closure, ...]
    entries: tuple[Reservation, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The time `[start, end)` from the local day `day` on.

    `appointments` are all of the site's that touch it, the cancelled and missed too: not loaded
    yet, so that each reader loads what it shows.
    """

    site: Site
    day: date
    start: datetime
    end: datetime
    columns: tuple[Column, ...]
    appointments: QuerySet[Appointment]


def board(
    site: Site, day: date, now: datetime, *, only: Resource | None = None, days: int = 1
) -> Board:
    """The board of a local day, or of several from it on, past ones too; holds that have expired by
    `now` are left out.

    Columns are the active resources, and whatever else is still taken then; or `only` one, with
    its own visits. Six queries, however much is booked. Raises OverflowError at the ends of the
    calendar.
    """
    start = day_start(day, site.timezone)
    end = day_start(day + timedelta(days=days), site.timezone)
    during = DateTimeTZRange(start, end)
    live = Q(expires_at=None) | Q(expires_at__gt=now)

    entries: dict[UUID, list[Reservation]] = defaultdict(list)
    taken = Reservation.objects.filter(live, resource__site=site, during__overlap=during)
    taken = taken.filter(resource=only) if only else taken
    for entry in taken.order_by("during", "lane", "id"):
        entries[entry.resource_id].append(entry)
    closures: dict[UUID | None, list[Closure]] = defaultdict(list)
    of_site = Q(site=site) | Q(resource__site=site)
    exceptions = list(
        Closure.objects.filter(of_site, during__overlap=during).order_by("during", "id")
    )
    for closure in exceptions:
        closures[closure.resource_id].append(closure)
    shown = Q(active=True) | Q(pk__in=entries.keys())
    resources = [only] if only else list(Resource.objects.filter(shown, site=site))
    working = [resource for resource in resources if resource.active]
    grid = DayGrid(site.timezone, day, days)
    units = {unit.id: unit for unit in load_units(site, grid, working, exceptions)}

    def hours(resource: Resource) -> tuple[Span, ...]:
        unit = units.get(str(resource.pk))
        if unit is None:
            return ()
        opens = clip(unit.opens, int(start.timestamp()), int(end.timestamp()))
        return tuple(
            (datetime.fromtimestamp(low, UTC), datetime.fromtimestamp(high, UTC))
            for low, high in opens
        )

    appointments = Appointment.objects.filter(
        Q(status=AppointmentStatus.HELD, expires_at__gt=now)
        | ~Q(status__in=[*NEVER_CAME_TO_BE, AppointmentStatus.HELD]),
        site=site,
        start__lt=end,
        end__gt=start,
    ).order_by("start", "id")
    if only:
        appointments = appointments.filter(pk__in=[one.appointment_id for one in entries[only.pk]])
    return Board(
        site=site,
        day=day,
        start=start,
        end=end,
        columns=tuple(
            Column(
                resource=resource,
                hours=hours(resource),
                closures=(*closures[None], *closures[resource.pk]),
                entries=tuple(entries[resource.pk]),
            )
            for resource in resources
        ),
        appointments=appointments,
    )
