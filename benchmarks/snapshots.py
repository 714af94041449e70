"""How fast a process reads a clinic from the database, and follows what others book in it.

The clinic of `clinics.py` is copied into a database of its own. The floor for a cold start is
fetching the same rows with psycopg and doing nothing with them.
"""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange  # noqa: E402

from accounts.models import Patient  # noqa: E402
from benchmarks.clinics import FIRST, SITES, ZONE, clinic  # noqa: E402
from benchmarks.table import Row, percentile, spread  # noqa: E402
from config import local  # noqa: E402
from scheduling import snapshots  # noqa: E402
from scheduling.core.clinic import Booking, Unit  # noqa: E402
from scheduling.models import (  # noqa: E402
    Appointment,
    Closure,
    GroupSession,
    Reservation,
    Resource,
    Site,
    WeeklyHours,
)
from scheduling.selectors.services import core_service  # noqa: E402
from scheduling.snapshots import changes  # noqa: E402
from scheduling.snapshots.memory import bring_current  # noqa: E402
from tests import databases, factories  # noqa: E402

NOW = datetime(FIRST.year, FIRST.month, FIRST.day, 12, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
COLD_STARTS = 7
BOOKINGS = 150
COLD_GOALS = {"medium": 250, "large": 1500}
REFRESH_GOAL = 5
SERVICES = ("infusion", "therapy", "counselling", "evaluation", "review", "lifestyle_group")


def rows() -> Iterator[Row]:
    with scratch_database():
        for size, goal in COLD_GOALS.items():
            sites = [write(size, number) for number in range(len(SITES[size]))]
            yield cold(size, sites, goal)
            if size == "medium":
                yield follow(sites[0])


def cold(size: str, sites: list[Site], goal: int) -> Row:
    """A process that knows nothing yet: every site of the clinic."""
    taken = [wall(lambda: load(sites)) for _ in range(COLD_STARTS)]
    floor = min(wall(lambda: fetch(sites)) for _ in range(COLD_STARTS))
    count = Reservation.objects.filter(resource__site__in=sites).count()
    middle = percentile(taken, 0.5)
    return Row(
        f"masks from the database, {size}, {count:,} rows",
        f"{spread(taken)}",
        f"p50 < {goal} ms",
        f"{middle / floor:.1f} x fetching the rows",
        middle < goal,
    )


def follow(site: Site) -> Row:
    """Another connection commits a booking; then all masks of this process are current again."""
    ask(site)
    chance = random.Random(1)
    appointment = Appointment.objects.get()
    therapists = Resource.objects.filter(site=site, roles__contains=["therapist"])
    taken, floor = [], []
    with other_connection() as other:
        for number in range(BOOKINGS):
            start = NOW + timedelta(days=1 + number, hours=9)  # in the evening: always free
            during = DateTimeTZRange(start, start + timedelta(minutes=50))
            key = chance.choice(therapists).pk
            other.execute(
                "INSERT INTO scheduling_reservation"
                " (resource_id, lane, during, role, appointment_id)"
                " VALUES (%s, 0, %s, 'therapist', %s)",
                [key, during, appointment.pk],
            )
            taken.append(wall(lambda: ask(site)))
            floor.append(wall(lambda: connection.cursor().execute("SELECT 1")))
    return Row(
        "masks follow a booking made elsewhere, medium",
        spread(taken),
        f"p95 < {REFRESH_GOAL} ms",
        f"{percentile(taken, 0.5) / percentile(floor, 0.5):.1f} x one empty query",
        percentile(taken, 0.95) < REFRESH_GOAL,
    )


def load(sites: list[Site]) -> None:
    for site in sites:
        bring_current(None, site, NOW, changes.since(None)[0])


def ask(site: Site) -> None:
    """Bring the masks of all services current."""
    snapshot = snapshots.current(site, NOW)
    for slug in SERVICES:
        snapshot.availability.start_mask(core_service(slug, known=snapshot.services))


def fetch(sites: list[Site]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT resource_id, lower(during), upper(during), expires_at"
            " FROM scheduling_reservation JOIN scheduling_resource r ON r.id = resource_id"
            " WHERE r.site_id = ANY(%s)",
            [[site.pk for site in sites]],
        )
        cursor.fetchall()


def wall(action: Any) -> float:
    """Milliseconds by the clock."""
    began = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - began)


# --- The clinic as rows ------------------------------------------------------------------------


@contextmanager
def scratch_database() -> Iterator[None]:
    local.start(settings.LOCAL_PLACES, database=settings.LOCAL, redis=False)
    name = databases.make_database()
    try:
        factories.make_services()
        yield
    finally:
        databases.drop_database(name)


@contextmanager
def other_connection() -> Iterator[psycopg.Connection[Any]]:
    database = settings.DATABASES["default"]
    with psycopg.connect(
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"] or None,
        host=database["HOST"],
        port=database["PORT"] or None,
        autocommit=True,
    ) as connected:
        yield connected


def write(size: str, number: int) -> Site:
    """One site of the generated clinic, with weekly rules that a manager could have entered and
    closures for what differs from them."""
    made = clinic(size, 0.85, 0, number)
    site = Site.objects.create(
        slug=f"{size}-{number}", name=size, neutral_name="Clinic", timezone=ZONE
    )
    keys = {unit.id: uuid.uuid4() for unit in made.units}
    with transaction.atomic():
        Resource.objects.bulk_create(resource(site, unit, keys[unit.id]) for unit in made.units)
        WeeklyHours.objects.bulk_create(
            WeeklyHours(site=site, weekday=day, start="08:00", end="19:00") for day in range(1, 8)
        )
        for unit in made.units:
            if unit.roles & {"lifestyle_group"}:
                meet(unit, keys)
            else:
                hours(unit, keys[unit.id])
        reserve(made.bookings, keys)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE scheduling_reservation")
    return site


def resource(site: Site, unit: Unit, key: uuid.UUID) -> Resource:
    kind = "person" if unit.person else "series" if "group" in unit.id else "place"
    return Resource(
        id=key,
        site=site,
        kind=kind,
        name=unit.id,
        roles=sorted(unit.roles),
        capacity=unit.capacity,
        languages=sorted(unit.languages),
        features=sorted(unit.features),
    )


def hours(unit: Unit, key: uuid.UUID) -> None:
    """The periods of the unit's usual week as rules; every other day off is a closure."""
    zone = ZoneInfo(ZONE)
    spans = [tuple(datetime.fromtimestamp(at, zone) for at in period) for period in unit.opens]
    usual = sorted({(low.isoweekday(), low.time(), high.time()) for low, high in spans})
    WeeklyHours.objects.bulk_create(
        WeeklyHours(resource_id=key, weekday=day, start=low, end=high) for day, low, high in usual
    )
    worked = {low.date() for low, _ in spans}
    weekdays = {day for day, _, _ in usual}
    days = [FIRST + timedelta(days=number) for number in range(182)]
    Closure.objects.bulk_create(
        Closure(resource_id=key, during=DateTimeTZRange(midnight(day), midnight(day, 1)))
        for day in days
        if day.isoweekday() in weekdays and day not in worked
    )


def meet(unit: Unit, keys: dict[str, uuid.UUID]) -> None:
    service = factories.make_service("lifestyle_group")
    coach = next(key for name, key in keys.items() if name.startswith("co"))
    GroupSession.objects.bulk_create(
        GroupSession(
            service=service,
            series_id=keys[unit.id],
            coach_id=coach,
            room_id=coach,
            during=DateTimeTZRange(*(datetime.fromtimestamp(at, UTC) for at in period)),
        )
        for period in unit.opens
    )


def reserve(bookings: tuple[Booking, ...], keys: dict[str, uuid.UUID]) -> None:
    """All of one appointment that is over: what is measured does not look at owners."""
    patient, _ = Patient.objects.get_or_create(given_name="Everybody")
    site = Site.objects.order_by("slug").first()
    appointment, _ = Appointment.objects.get_or_create(
        patient=patient,
        service=factories.make_service("therapy"),
        site=site,
        status="fulfilled",
        defaults={"start": NOW, "end": NOW + timedelta(minutes=50)},
    )
    columns = "(resource_id, lane, during, role, appointment_id)"
    ends: dict[tuple[str, int], int] = {}
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY scheduling_reservation {columns} FROM STDIN") as copy,
    ):
        for row in sorted(bookings, key=lambda row: row.start):
            lane = next(n for n in range(500) if ends.get((row.unit, n), 0) <= row.start)
            ends[row.unit, lane] = row.end
            low, high = (datetime.fromtimestamp(at, UTC) for at in (row.start, row.end))
            copy.write_row((keys[row.unit], lane, f"[{low},{high})", "any", appointment.pk))


def midnight(day: date, later: int = 0) -> datetime:
    on = day + timedelta(days=later)
    return datetime(on.year, on.month, on.day, tzinfo=ZoneInfo(ZONE))
