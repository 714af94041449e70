"""The masks of a site in this process, brought current before each answer.

A snapshot never changes once it is given out: news goes into a new one, which shares with the old
whatever did not change. So a request can plan at leisure while others look again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.round_trip import Rows
from scheduling.core.availability import Availability
from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.clinic import Unit
from scheduling.core.grid import DayGrid
from scheduling.core.walltime import local_date
from scheduling.models import Resource, Site
from scheduling.selectors import services
from scheduling.snapshots import bookings, changes
from scheduling.snapshots.bookings import Hold, UnitDay
from scheduling.snapshots.changes import News
from scheduling.snapshots.units import load_units

HORIZON_DAYS = 273
"""Days that can be planned, yesterday included: a nine-month course just fits."""
FORGOTTEN = timedelta(hours=12)
"""A memory this old may have missed changes that were pruned: half of `changes.KEPT`."""
TOO_MANY = 3000
"""From so many changed unit days on, loading everything is cheaper."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One site at one moment. Holds that have expired by then count as free."""

    site_id: UUID
    availability: Availability
    services: Mapping[str, ServiceDefinition]
    resources: Mapping[UUID, Resource]
    """The active resources' rows by key, for showing them. Never to be saved."""
    horizon: int = 0
    """Changes of transactions from here on may be unknown, but for those `seen` (by id)."""
    seen: frozenset[int] = frozenset()

    @property
    def grid(self) -> DayGrid:
        return self.availability.grid

    @property
    def units(self) -> dict[str, Unit]:
        """The active resources by id (a UUID as text)."""
        return self.availability.units


@dataclass(frozen=True, slots=True)
class Memory:
    """A snapshot, and what must be known to bring it current."""

    snapshot: Snapshot
    asked_at: datetime
    holds: tuple[Hold, ...]


@dataclass(slots=True)
class _Place:
    lock: threading.Lock = field(default_factory=threading.Lock)
    memory: Memory | None = None


_places: dict[UUID, _Place] = {}


def current(site: Site, now: datetime) -> Snapshot:
    """What is free at `site`, with everything that was committed before this call.

    Takes at most two queries, but for the first call in a process, the first of a day, and after
    changes to the clinic itself. Inside a transaction that has written, its own writes are seen
    too, and the answer is not kept: it may be rolled back. Safe to call from several threads.
    """
    return look(site, now)[0]


def look(
    site: Site, now: datetime, then: Sequence[str] = (), values: Mapping[str, Any] | None = None
) -> tuple[Snapshot, list[Rows]]:
    """`current`, and the rows of the statements `then`, asked in the same round trip."""
    # Not under the lock: whoever waits for a connection must not keep others from giving one back.
    connection.ensure_connection()
    place = _places.setdefault(site.pk, _Place())
    with place.lock:
        horizon = place.memory.snapshot.horizon if place.memory else None
        news, others = changes.since(horizon, then, values)
        memory = bring_current(place.memory, site, now, news)
        if not news.own_writes:  # they may yet be rolled back
            place.memory = memory
    return memory.snapshot, others


def bring_current(memory: Memory | None, site: Site, now: datetime, news: News) -> Memory:
    """A memory that knows the news."""
    seen = frozenset(change.id for change in news.changes if change.xid >= news.horizon)
    touched = _touched(memory, news, now) if memory else None
    if memory is None or touched is None:
        snapshot, holds = _load(site, now)
    else:
        snapshot, holds = _updated(memory, touched, now)
    snapshot = replace(snapshot, horizon=news.horizon, seen=seen)
    return Memory(snapshot, news.asked_at, tuple(sorted(holds)))


def _touched(memory: Memory, news: News, now: datetime) -> set[UnitDay] | None:
    """The days of units to read again; None where everything must be."""
    grid, units = memory.snapshot.grid, memory.snapshot.units
    if grid.first != _first_day(grid.zone, now) or news.asked_at - memory.asked_at > FORGOTTEN:
        return None
    touched: set[UnitDay] = set()
    for change in news.changes:
        if change.id in memory.snapshot.seen:
            continue
        if change.resource is None or change.during is None:
            return None
        unit = str(change.resource)
        if unit in units:
            low, high = change.during.lower.timestamp(), change.during.upper.timestamp()
            touched.update((unit, day) for day, _ in grid.clip(int(low), int(high) + 1))
    for hold in memory.holds:
        if hold.expires_at > now:
            break
        touched.update((hold.unit, day) for day, _ in grid.clip(hold.start, hold.end))
    return touched if len(touched) < TOO_MANY else None


def _updated(
    memory: Memory, touched: set[UnitDay], now: datetime
) -> tuple[Snapshot, Iterable[Hold]]:
    if not touched:
        return memory.snapshot, memory.holds
    taken, holds = bookings.load_days(touched, memory.snapshot.grid, now)
    availability = memory.snapshot.availability.copy()
    for (unit, day), rows in taken.items():
        availability.replace(unit, day, day, rows)
    kept = {hold for hold in memory.holds if hold.expires_at > now}
    return replace(memory.snapshot, availability=availability), kept.union(holds)


def _load(site: Site, now: datetime) -> tuple[Snapshot, Iterable[Hold]]:
    # Read again: its zone may be the very thing that changed.
    site = Site.objects.get(pk=site.pk)
    grid = DayGrid(site.timezone, _first_day(site.timezone, now), HORIZON_DAYS)
    resources = list(Resource.objects.filter(site=site, active=True))
    units = load_units(site, grid, resources)
    taken, holds = bookings.load_all(units, grid, now)
    snapshot = Snapshot(
        site.pk,
        Availability(grid, units, taken),
        services.definitions(),
        {one.pk: one for one in resources},
    )
    return snapshot, holds


def _first_day(zone: str, now: datetime) -> date:
    return local_date(now, zone) - timedelta(days=1)
