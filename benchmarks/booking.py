"""How many courses eight clients hold in a second, through the operation.

The reference inserts the very same rows, one transaction for each course, under the same
constraints and triggers, with psycopg and nothing else.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from psycopg import sql  # noqa: E402
from psycopg.rows import dict_row  # noqa: E402
from psycopg.types.json import Jsonb  # noqa: E402

from accounts.models import Patient  # noqa: E402
from benchmarks.snapshots import scratch_database  # noqa: E402
from benchmarks.table import Row  # noqa: E402
from scheduling import snapshots  # noqa: E402
from scheduling.models import ProtocolVersion  # noqa: E402
from scheduling.operations.hold import Wanted  # noqa: E402
from tests.factories import (  # noqa: E402
    NOW,
    Clinic,
    make_clinic,
    make_patient,
    make_protocol_version,
)
from tests.scheduling.operations.booking import find_times, hold  # noqa: E402

CLIENTS = 8
COURSES = 6
"""For each client, at a site of its own: the figure is about work, not about waiting."""
ROUNDS = 4
GOAL = 0.3
FORK = multiprocessing.get_context("fork")
OWNED = {
    "scheduling_careplan": "id",
    "scheduling_appointment": "care_plan_id",
    "scheduling_reservation": "appointment_id",
    "scheduling_patienttime": "appointment_id",
    "scheduling_treatmentspacing": "appointment_id",
    "scheduling_event": "care_plan_id",
}
JSON = {"modes", "wishes", "phases", "facts"}

Offer = tuple[Patient, dict[str, Wanted]]
Rows = dict[str, list[dict[str, Any]]]


def rows() -> Iterator[Row]:
    with scratch_database():
        version = make_protocol_version("trd_iv6")
        clinics = [make_clinic(f"site{number}") for number in range(CLIENTS)]
        offers = [find_offers(clinic, version) for clinic in clinics]

        def book(client: int) -> None:
            for patient, times in offers[client]:
                hold(clinics[client], version, patient, times=times, earliest=None)

        ours, bare = [], []
        for _ in range(ROUNDS):  # by turns, as other work on the machine comes and goes
            empty()
            for clinic in clinics:
                snapshots.current(clinic.site, NOW)  # warm, as in a process that serves
            ours.append(together(book))
            written = [[rows_of(patient) for patient, _ in course] for course in offers]
            empty()
            bare.append(together(lambda client, written=written: insert(written[client])))
        count, ratio = CLIENTS * COURSES, min(bare) / min(ours)
        yield Row(
            f"14-session courses held, {CLIENTS} clients",
            f"{count / min(ours):.0f} a second",
            f"ratio >= {GOAL}",
            f"{ratio:.2f} of bare inserts ({count / min(bare):.0f}/s)",
            ratio >= GOAL,
        )


def find_offers(clinic: Clinic, version: ProtocolVersion) -> list[Offer]:
    """Courses that fit beside one another when they are held in this order."""
    offers = []
    for number in range(COURSES):
        first = date(2026, 12, 1) + timedelta(weeks=5 * number)
        offer = (make_patient(), find_times(clinic, version, earliest=first))
        hold(clinic, version, offer[0], times=offer[1], earliest=None)
        offers.append(offer)
    return offers


def together(work: Callable[[int], None]) -> float:
    """Seconds that all clients take, started at once, each a process of its own."""
    connections.close_all()  # a child must not share a socket with us
    ready = FORK.Barrier(CLIENTS + 1)

    def run(client: int) -> None:
        ready.wait()
        work(client)
        connections.close_all()
        os._exit(0)

    clients = [FORK.Process(target=run, args=(number,)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    ready.wait()
    began = time.monotonic()
    for client in clients:
        client.join()
    taken = time.monotonic() - began
    if any(client.exitcode for client in clients):
        raise RuntimeError("a client failed; its own words stand above")
    return taken


def rows_of(patient: Patient) -> Rows:
    """Everything one course consists of, as the database has it."""
    plans = "SELECT id FROM scheduling_careplan WHERE patient_id = %s"
    sessions = f"SELECT id FROM scheduling_appointment WHERE care_plan_id IN ({plans})"
    found: Rows = {}
    with connect("default") as connection:
        connection.row_factory = dict_row  # type: ignore[assignment]
        for table, key in OWNED.items():
            owners = sessions if key == "appointment_id" else plans
            query = f"SELECT * FROM {table} WHERE {key} IN ({owners})"
            found[table] = connection.execute(query, [patient.pk]).fetchall()  # type: ignore[assignment]
    return found


def insert(courses: list[Rows]) -> None:
    """Write the courses, one transaction each, one statement for each table."""
    with connect("default") as connection:
        for course in courses:
            with connection.transaction():
                for table, lines in course.items():
                    names = list(lines[0])
                    line = sql.SQL("({})").format(
                        sql.SQL(", ").join([sql.Placeholder()] * len(names))
                    )
                    statement = sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
                        sql.Identifier(table),
                        sql.SQL(", ").join(map(sql.Identifier, names)),
                        sql.SQL(", ").join([line] * len(lines)),
                    )
                    values = [
                        Jsonb(row[name]) if name in JSON else row[name]
                        for row in lines
                        for name in names
                    ]
                    connection.execute(statement, values)


def empty() -> None:
    with connect("owner") as owner:
        owner.execute(f"TRUNCATE {', '.join(OWNED)} CASCADE")
        owner.execute("UPDATE scheduling_site SET name = name")  # masks do not see a TRUNCATE


def connect(alias: str) -> psycopg.Connection[Any]:
    database = settings.DATABASES[alias]
    return psycopg.connect(
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"] or None,
        host=database["HOST"],
        port=database["PORT"] or None,
        autocommit=alias == "default",
    )
