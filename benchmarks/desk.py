"""The desk: its board with a full day, what an unchanged board costs, and finding a patient.

In one process through Django's own client, middleware and templates included; the floor is the
`/livez` view asked the same way in the same run.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.models import Patient  # noqa: E402
from benchmarks.table import Row, percentile, spread  # noqa: E402
from config import local  # noqa: E402
from config.demo import people  # noqa: E402
from scheduling.core.walltime import local_date  # noqa: E402
from scheduling.selectors.patients import matching  # noqa: E402
from tests import databases, factories  # noqa: E402

VISITS, PEOPLE, CHAIRS, PATIENTS = 150, 20, 12, 50_000
ROUNDS = 100


def rows() -> Iterator[Row]:
    settings.ALLOWED_HOSTS = ["testserver"]
    local.start(settings.LOCAL_PLACES, database=settings.LOCAL)
    name = databases.make_database()
    try:
        fill_day()
        browser = Client()
        browser.force_login(factories.make_user("", "front_desk"))
        floor = percentile(timed(lambda: browser.get("/livez")), 0.5)
        yield from board(browser, floor)
        yield search(floor)
    finally:
        databases.drop_database(name)


def fill_day() -> None:
    """A site with `VISITS` on today: half in chairs with a nurse, half talks with somebody."""
    site = factories.make_site(start="00:00", end="23:55")
    whole_day = ("00:00", "23:55")
    staff = [
        factories.make_person(site, f"Person {n}", "therapist", hours=whole_day)
        for n in range(PEOPLE)
    ]
    chairs = [factories.make_place(site, f"Chair {n}", "infusion_chair") for n in range(CHAIRS)]
    talk = factories.make_service("therapy")
    midnight = datetime.combine(local_date(datetime.now(UTC), site.timezone), datetime.min.time())
    for number in range(VISITS):
        start = factories.at(f"{midnight + timedelta(hours=8, minutes=5)}")
        start += timedelta(hours=number // CHAIRS)
        factories.make_appointment(
            factories.make_patient("Patient", str(number)),
            talk,
            site,
            start,
            [chairs[number % CHAIRS], staff[number % CHAIRS]],
        )


def board(browser: Client, floor: float) -> Iterator[Row]:
    """The part that is asked for again and again, and what it costs where nothing has changed."""
    asked = {"HX-Request": "true"}
    queries: list[str] = []

    def count(execute: Any, sql: str, *others: Any) -> Any:
        queries.append(sql)
        return execute(sql, *others)

    with connection.execute_wrapper(count):
        tag = browser.get("/desk/", headers=asked)["ETag"]
    taken = timed(lambda: browser.get("/desk/", headers=asked))
    p95 = percentile(taken, 0.95)
    yield Row(
        f"board: {PEOPLE} people, {CHAIRS} chairs, {VISITS} visits",
        spread(taken),
        "p95 < 80 ms",
        f"{percentile(taken, 0.5) / floor:.0f} x /livez",
        p95 < 80,
    )
    yield Row("its queries", str(len(queries)), "12 at most", met=len(queries) <= 12)
    seen = {**asked, "If-None-Match": tag}
    unchanged = timed(lambda: browser.get("/desk/", headers=seen))
    if browser.get("/desk/", headers=seen).status_code != 304:
        raise RuntimeError("the board changed while nothing did")
    yield Row(
        "unchanged board (304)",
        spread(unchanged),
        "p95 < 5 ms",
        f"{percentile(unchanged, 0.5) / floor:.1f} x /livez",
        percentile(unchanged, 0.95) < 5,
    )


def search(floor: float) -> Row:
    """Two beginnings of names, a birth date or a phone, among all patients."""
    names = [(given, family) for given in people.GIVEN for family in people.FAMILY]
    Patient.objects.bulk_create(
        (
            Patient(
                given_name=names[n % len(names)][0],
                family_name=f"{names[n % len(names)][1]} {n:x}",
                birth_date=date(1940, 1, 1) + timedelta(days=n % 25_000),
                phone=f"+1 303 {n // 10_000:03} {n % 10_000:04}",
                email=f"patient{n}@demo.example",
            )
            for n in range(PATIENTS)
        ),
        batch_size=5000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_patient")
    chance = random.Random(7)
    asked = []
    for _ in range(200):
        given, family = chance.choice(names)
        day = date(1940, 1, 1) + timedelta(days=chance.randrange(25_000))
        asked.append(
            chance.choice(
                [f"{given[:2]} {family[:2]}", family[:3], f"{day}", f"0{chance.randrange(9999):04}"]
            )
        )
    questions = iter(asked * 2)
    patients = Patient.objects.filter(visitor_key=None)
    taken = timed(lambda: list(matching(patients, next(questions))[:8]), len(asked))
    return Row(
        f"finding among {PATIENTS:,} patients",
        spread(taken),
        "p95 < 50 ms",
        f"{percentile(taken, 0.5) / floor:.1f} x /livez",
        percentile(taken, 0.95) < 50,
    )


def timed(action: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Milliseconds by the clock."""
    action()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        action()
        taken.append(1000 * (time.perf_counter() - began))
    return taken
