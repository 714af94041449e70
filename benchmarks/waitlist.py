"""One freed day matched with 5,000 entries of the waitlist: who wants something free there, in fair
order, and what exactly the first of them could be offered.

The floor is PostgreSQL handing over the same rows, and nothing else.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from accounts.models import Patient  # noqa: E402
from accounts.round_trip import ask  # noqa: E402
from benchmarks.snapshots import scratch_database  # noqa: E402
from benchmarks.table import Row, cpu, percentile, spread  # noqa: E402
from scheduling import snapshots  # noqa: E402
from scheduling.core.walltime import day_start  # noqa: E402
from scheduling.models import Service, Site, WaitlistEntry  # noqa: E402
from scheduling.operations.actor import Actor  # noqa: E402
from scheduling.selectors.waitlist import ON_DAY, entry_rows, matching  # noqa: E402
from scheduling.selectors.waitlist_fit import fit  # noqa: E402
from scheduling.selectors.waitlist_rooms import refresh_rooms  # noqa: E402
from tests.factories import (  # noqa: E402
    NOW,
    Clinic,
    at,
    make_clinic,
    make_closure,
    make_patient,
    make_protocol_version,
    make_user,
)
from tests.scheduling.operations.booking import book, find_times  # noqa: E402

ENTRIES, COURSES, ROUNDS, GOAL = 5_000, 12, 60, 200
SERVICES = ("evaluation", "therapy", "counselling", "review")
FIRST = date(2026, 12, 1)
DAYS = [day for n in range(40) if (day := FIRST + timedelta(days=n)).isoweekday() < 6]


def rows() -> Iterator[Row]:
    with scratch_database():
        clinic = make_clinic()
        fill(clinic)
        refresh_rooms(clinic.site, snapshots.current(clinic.site, NOW))
        yield _row("one free day matched with", clinic.site)
        for day in DAYS:  # nothing is left of each but two hours that somebody gave back
            make_closure(clinic.site, at(f"{day} 00:00"), at(f"{day} 09:00"))
            make_closure(clinic.site, at(f"{day} 11:00"), at(f"{day} 23:00"))
        yield _row("one freed period matched with", clinic.site, GOAL)


def _row(what: str, site: Site, goal: int | None = None) -> Row:
    ours = timed(lambda number: match(site, DAYS[number % len(DAYS)]))
    own = [cpu(lambda: match(site, day)) for day in DAYS]  # noqa: B023 - called at once
    values = {
        "site": site.pk,
        "now": NOW,
        "day": DAYS[15],
        "weekday": DAYS[15].isoweekday(),
        "silent": [],
    }
    bare = timed(lambda _number: ask([ON_DAY], values))
    p95 = percentile(ours, 0.95)
    return Row(
        f"{what} {ENTRIES:,} entries",
        spread(ours),
        f"p95 < {goal} ms" if goal else "",
        f"{percentile(ours, 0.5) / percentile(bare, 0.5):.1f} x reading the rows,"
        f" CPU p95 {percentile(own, 0.95):.0f} ms",
        p95 < goal if goal else None,
    )


def match(site: Site, day: date) -> None:
    """Everybody who wants something on that day, and what the first in turn could be offered."""
    found = list(matching(site, day, NOW))
    if found:
        entry = entry_rows().get(pk=found[0].entry)
        begin = day_start(day, site.timezone)
        fit(entry, begin, begin + timedelta(days=1), NOW)


def fill(clinic: Clinic) -> None:
    """Real courses of whom every second session waits for another time, and others who wait for a
    visit, with wishes of their own."""
    chance = Random(7)
    version = make_protocol_version("trd_iv6")
    desk = Actor.of(make_user("desk@example.org", "front_desk"))
    entries = []
    for number in range(COURSES):
        patient = make_patient(f"Course {number}")
        earliest = FIRST + timedelta(days=3 * number)
        times = find_times(clinic, version, earliest=earliest)
        plan = book(clinic, version, patient, desk, times=times, earliest=earliest)
        for one in plan.appointments.select_related("service")[::2]:
            entries.append(
                entry(chance, clinic.site, patient, one.service, appointment=one, care_plan=plan)
            )
    services = {slug: Service.objects.get(slug=slug) for slug in SERVICES}
    people = Patient.objects.bulk_create(
        Patient(given_name=f"Waits {n}", languages=chance.choice((["en"], ["en"], ["es", "en"])))
        for n in range(ENTRIES - len(entries))
    )
    entries += [
        entry(chance, clinic.site, patient, services[chance.choice(SERVICES)]) for patient in people
    ]
    WaitlistEntry.objects.bulk_create(entries)


def entry(
    chance: Random, site: Site, patient: Patient, service: Service, **more: object
) -> WaitlistEntry:
    return WaitlistEntry(
        site=site,
        patient=patient,
        service=service,
        want=chance.choice(("earlier", "time_of_day")),
        weekdays=sorted(chance.sample(range(1, 6), chance.randint(1, 5))),
        day_parts=chance.choice(([], ["morning"], ["afternoon"])),
        earliest=FIRST + timedelta(days=chance.randrange(20)),
        latest=chance.choice((None, FIRST + timedelta(days=chance.randrange(20, 60)))),
        priority=chance.choice((0, 0, 0, 1, 2)),
        turn=NOW + timedelta(minutes=chance.randrange(10_000)),
        **more,
    )


def timed(work: Callable[[int], object]) -> list[float]:
    """Wall milliseconds of each round, after one to warm up."""
    work(0)
    taken = []
    for number in range(ROUNDS):
        began = time.perf_counter()
        work(number)
        taken.append(1000 * (time.perf_counter() - began))
    return taken
