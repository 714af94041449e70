"""The demo clinic over HTTP, on a gunicorn with two workers as in the demo.

The floor is a trivial view of REST framework on the same server in the same run.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from accounts.models import ApiKey, Patient, User  # noqa: E402
from benchmarks import load  # noqa: E402
from benchmarks.table import Row, percentile, spread  # noqa: E402
from config import local  # noqa: E402
from config.demo import people, seed  # noqa: E402
from tests import databases  # noqa: E402
from tests.web_server import Reply, Web, serving  # noqa: E402

OPENINGS, SEARCHES, HOLDS = 60, 30, 40
TRIVIAL_REQUESTS, BOOKINGS, ROUNDS, PATIENTS = 1500, 200, 5, 200
FULL_WEEKS = 10
SESSION = timedelta(minutes=50)
MEBIBYTE = 1 << 20
TRD = {"protocol": "trd_iv6", "site": "main"}


def rows() -> Iterator[Row]:
    with demo_clinic() as patients, web() as server:
        for _ in range(8):  # both workers read the clinic once
            search(server, 1, blocks=["counsel", "lifestyle"])
        trivial = percentile(timed(lambda _: server.ask("GET", "/trivial/"), 100)[0], 0.5)
        for service in ("therapy", "infusion"):
            yield openings(server, service, trivial)
        yield searches(server, trivial)
        yield holds(server, patients, trivial)
        yield bookings(server, patients)
        yield memory(server)


def openings(server: Web, service: str, trivial: float) -> Row:
    """Every start in four weeks, with everybody who could give it, in one call."""
    path = openings_path(service, today() + timedelta(days=1), 28)
    # Every thread of both workers has its connection to the database then, and knows the service.
    load.run(server.port, [load.request("GET", path)] * 2 * load.CLIENTS)
    taken, replies = timed(lambda _: server.ask("GET", path), OPENINGS)
    queries = int(server.ask("GET", path, Count_Queries="1").headers["Queries"])
    found = len(replies[-1].body["openings"])
    return Row(
        f"HTTP: {found} openings of {service}, all staff, 4 weeks",
        f"{spread(taken)}, {queries} queries",
        "p95 < 100 ms, 6 queries",
        times(taken, trivial),
        percentile(taken, 0.95) < 100 and queries <= 6,
    )


def searches(server: Web, trivial: float) -> Row:
    """Evaluation to review with both optional blocks, from another day on each time."""
    taken, replies = timed(
        lambda number: search(server, 1 + number, blocks=["counsel", "lifestyle"]), SEARCHES
    )
    proposals = [len(reply.body["proposals"]) for reply in replies]
    return Row(
        f"HTTP: 22 sessions, {sum(proposals) / len(proposals):.1f} proposals of 5",
        spread(taken),
        "p95 < 1000 ms",
        times(taken, trivial),
        percentile(taken, 0.95) < 1000,
    )


def holds(server: Web, patients: list[Patient], trivial: float) -> Row:
    """Hold a proposed course of fourteen; each is released before the next."""
    offered = [
        proposal["id"]
        for number in range(HOLDS // 5)
        for proposal in expect(200, search(server, 5 * number)).body["proposals"]
    ]
    taken = []
    for number, proposal in enumerate(offered):
        body = {"proposal": proposal, "patient": str(patients[number % PATIENTS].pk)}
        began = time.perf_counter()
        held = server.ask("POST", "/api/v1/care-plans/", body, Idempotency_Key=str(uuid.uuid4()))
        taken.append(1000 * (time.perf_counter() - began))
        plan = expect(201, held).body
        assert len(plan["sessions"]) == 14
        path = f"/api/v1/care-plans/{plan['id']}/release/"
        expect(200, server.ask("POST", path, {}, If_Match=held.headers["ETag"]))
    return Row(
        f"HTTP: hold 14 sessions, {len(taken)} courses",
        spread(taken),
        "p95 < 200 ms",
        times(taken, trivial),
        percentile(taken, 0.95) < 200,
    )


def bookings(server: Web, patients: list[Patient]) -> Row:
    """Single talks, each with a therapist and a room, by turns with the trivial view: other work
    on the machine comes and goes, so each round has its own ratio, and the middle one counts."""
    todo = [
        load.request(
            "POST",
            "/api/v1/appointments/",
            {
                "service": "therapy",
                "site": "main",
                "start": start,
                "patient": str(patients[number % PATIENTS].pk),
            },
            Authorization=f"Token {server.token}",
            Idempotency_Key=str(uuid.uuid4()),
        )
        for number, start in enumerate(free_starts(server)[: ROUNDS * BOOKINGS])
    ]
    floor = [load.request("GET", "/trivial/")] * TRIVIAL_REQUESTS
    trivial, booked = [], []
    for number in range(ROUNDS):
        trivial.append(load.run(server.port, floor))
        booked.append(load.run(server.port, todo[number * BOOKINGS : (number + 1) * BOOKINGS]))
    ratios = [ours.rate(201) / bare.rate(200) for ours, bare in zip(booked, trivial, strict=True)]
    ratio = median(ratios)
    others = sum(one.statuses.total() - one.statuses[201] for one in booked)
    rates = median(one.rate(201) for one in booked), median(one.rate(200) for one in trivial)
    return Row(
        f"HTTP: single sessions, {load.CLIENTS} clients",
        f"{rates[0]:.0f}/s, {others} of {len(todo)} refused",
        "ratio >= 0.08",
        f"{ratio:.3f} x trivial view ({rates[1]:.0f}/s)",
        ratio >= 0.08,
    )


def memory(server: Web) -> Row:
    """Of gunicorn and its workers, pages that they share counted once."""
    processes = [server.process, *server.workers()]
    used = sum(process.memory_full_info().pss for process in processes) / MEBIBYTE
    return Row(
        "memory of web, two workers, after all this",
        f"{used:.0f} MiB",
        "<= 300 MiB",
        "",
        used <= 300,
    )


def free_starts(server: Web) -> list[str]:
    """Starts of talks in weeks that the demo left nearly empty; no two of them overlap."""
    chosen: list[str] = []
    free_from = datetime.min.replace(tzinfo=UTC)
    first = today() + timedelta(weeks=FULL_WEEKS)
    for part in range(2):
        path = openings_path("therapy", first + timedelta(days=84 * part), 84)
        for opening in expect(200, server.ask("GET", path)).body["openings"]:
            start = datetime.fromisoformat(opening["start"])
            if start >= free_from:
                chosen.append(opening["start"])
                free_from = start + SESSION
    return chosen


def search(server: Web, days: int, **wishes: Any) -> Reply:
    body = TRD | {"earliest": str(today() + timedelta(days=1 + days)), "limit": 5} | wishes
    return expect(200, server.ask("POST", "/api/v1/course-searches/", body))


def openings_path(service: str, first: date, days: int) -> str:
    period = {"from": first, "to": first + timedelta(days=days)}
    return f"/api/v1/openings/?{urlencode({'service': service, 'site': 'main', **period})}"


def today() -> date:
    return datetime.now(UTC).date()


def timed(ask: Callable[[int], Reply], count: int) -> tuple[list[float], list[Reply]]:
    """Milliseconds by the clock of one client, who asks again and again."""
    taken, replies = [], []
    for number in range(count):
        began = time.perf_counter()
        reply = ask(number)
        taken.append(1000 * (time.perf_counter() - began))
        replies.append(expect(200, reply))
    return taken, replies


def times(taken: list[float], trivial: float) -> str:
    return f"{percentile(taken, 0.5) / trivial:.0f} x the trivial view"


def expect(status: int, reply: Reply) -> Reply:
    if reply.status != status:
        raise RuntimeError(f"{reply.status} instead of {status}: {reply.body}")
    return reply


# --- The clinic and its server -----------------------------------------------------------------


@contextmanager
def demo_clinic() -> Iterator[list[Patient]]:
    """The demo's data in a database of its own, and patients beside it without any booking."""
    local.start(settings.LOCAL_PLACES, database=settings.LOCAL)
    name = databases.make_database()
    try:
        call_command("load_protocols", verbosity=0)
        seed.fill(datetime.now(UTC))
        yield Patient.objects.bulk_create(
            Patient(given_name="Load", family_name=str(number), birth_date=date(1980, 1, 1))
            for number in range(PATIENTS)
        )
    finally:
        databases.drop_database(name)


@contextmanager
def web() -> Iterator[Web]:
    """Two workers; the client signs in as the front desk."""
    desk = User.objects.get_by_natural_key(people.address("frontdesk"))
    token = ApiKey.issue(desk)
    connections.close_all()
    with serving(token=token, DJANGO_SETTINGS_MODULE="benchmarks.web_settings") as server:
        yield server
