"""Many processes at once, each with a connection of its own, and what they have left behind."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

import psycopg
from django.conf import settings
from django.db import Error, connection, connections

from scheduling import locks
from scheduling.core.refusals import Refused
from scheduling.operations import atomic, lanes, violations

FORK = multiprocessing.get_context("fork")

Attempt = Callable[[random.Random], object]
"""One booking; returns a plain value that stays true, such as the id of what was booked."""


@dataclass
class Outcome:
    """What all processes saw. `told` are the values of attempts that were acknowledged; `refused`
    counts refusal codes; `broken` counts errors that were no refusal; `violations` counts what the
    database itself had to refuse, by constraint or SQLSTATE; `losers` are their seconds."""

    told: list[object] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    losers: list[float] = field(default_factory=list)

    def slowest_loser(self, share: float = 0.99) -> float:
        """Seconds within which `share` of the refused had their answer."""
        ordered = sorted(self.losers)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def race(
    processes: int,
    attempts: int,
    attempt: Attempt,
    *,
    unguarded: Callable[[], None] | None = None,
    warm: Callable[[], object] | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Outcome:
    """Let `processes` start together and each make `attempts`. `unguarded` runs in each before and
    takes a guard away; `warm` too, and leaves the process as one that has served before;
    `meanwhile` runs here while they race."""
    connections.close_all()  # a child must not share a socket with us
    barrier, answers = FORK.Barrier(processes), FORK.Queue()
    before = [step for step in (unguarded, warm) if step is not None]
    children = [
        FORK.Process(target=_work, args=(number, attempts, attempt, before, barrier, answers))
        for number in range(processes)
    ]
    for child in children:
        child.start()
    if meanwhile is not None:
        meanwhile()
    outcome = Outcome()
    for _ in children:
        part: Outcome = answers.get(timeout=600)
        outcome.told += part.told
        outcome.refused += part.refused
        outcome.broken += part.broken
        outcome.violations += part.violations
        outcome.losers += part.losers
    for child in children:
        child.join()
    return outcome


def _work(
    number: int,
    attempts: int,
    attempt: Attempt,
    before: Sequence[Callable[[], object]],
    barrier: Barrier,
    answers: Queue[Outcome],
) -> None:
    chance = random.Random(number)
    outcome = Outcome()
    read = violations.read

    def counting_read(error: Error) -> violations.Violation | None:
        diagnosis = getattr(error.__cause__, "diag", None)
        name = getattr(diagnosis, "constraint_name", None) or getattr(
            error.__cause__, "sqlstate", None
        )
        outcome.violations[str(name)] += 1
        return read(error)

    atomic.violations.read = counting_read
    try:
        for step in before:
            step()
        connection.ensure_connection()
        barrier.wait()
        for _ in range(attempts):
            started = time.monotonic()
            try:
                outcome.told.append(attempt(chance))
            except Refused as refused:
                outcome.refused.update(one.code.value for one in refused.refusals)
                outcome.losers.append(time.monotonic() - started)
            except Error as error:  # the server is gone, or came back without us
                outcome.broken[type(error).__name__] += 1
                connection.close()
                time.sleep(0.2)
        connections.close_all()
    finally:
        answers.put(outcome)
        answers.close()
        answers.join_thread()
        os._exit(0)  # not pytest's own ending


def without_resource_locks() -> None:
    """Take the resource locks away: capacity is only read."""
    only_read = locks.LOCK_RESOURCES.replace("FOR NO KEY UPDATE", "")
    without_lock(locks.LOCK_RESOURCES, instead=only_read)
    lanes.read_standing = dawdling(lanes.read_standing)


def without_patient_lock() -> None:
    """Take the patient's lock away."""
    without_lock(locks.LOCK_PATIENT)
    lanes.read_standing = dawdling(lanes.read_standing, 0.5)


def without_lock(statement: str, instead: str = "") -> None:
    """Leave one statement out of those that lock what a booking needs."""
    statements = (instead if one == statement else one for one in locks.LOCK_BOOKING)
    locks.LOCK_BOOKING = tuple(filter(None, statements))


def dawdling(look: Callable[..., Any], seconds: float = 0.1) -> Callable[..., Any]:
    """Wait between the last look and the write: without its guard a race then shows itself on any
    machine, not only on a lucky one."""

    def look_and_wait(*args: Any, **options: Any) -> Any:
        seen = look(*args, **options)
        time.sleep(seconds)
        return seen

    return look_and_wait


@contextmanager
def dropped(table: str, constraint: str) -> Iterator[None]:
    """The database without one of its guards. What was written meanwhile is removed afterwards."""
    [[definition]] = as_owner(
        f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{constraint}'"
    )
    as_owner(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    try:
        yield
    finally:
        as_owner(f"TRUNCATE {table}")
        as_owner(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}")


def as_owner(statement: str) -> list[tuple[object, ...]]:
    """Run one statement as the schema's owner: the application's role may not."""
    owner = settings.DATABASES["owner"]
    with psycopg.connect(
        dbname=owner["NAME"],
        user=owner["USER"],
        password=owner["PASSWORD"] or None,
        host=owner["HOST"],
        port=owner["PORT"] or None,
    ) as admin:
        answer = admin.execute(statement)
        return answer.fetchall() if answer.description else []


OVERLAPS = {
    "lanes": """
        SELECT count(*) FROM scheduling_reservation a JOIN scheduling_reservation b
        ON a.id < b.id AND a.resource_id = b.resource_id AND a.lane = b.lane
        AND a.during && b.during""",
    "patients": """
        SELECT count(*) FROM scheduling_patienttime a JOIN scheduling_patienttime b
        ON a.id < b.id AND a.patient_id = b.patient_id AND a.during && b.during""",
    "spacings": """
        SELECT count(*) FROM scheduling_treatmentspacing a JOIN scheduling_treatmentspacing b
        ON a.id < b.id AND a.patient_id = b.patient_id AND a.days && b.days""",
    "half courses": """
        SELECT count(*) FROM scheduling_careplan p
        WHERE status IN ('held', 'active') AND sessions <> (
            SELECT count(*) FROM scheduling_appointment a WHERE a.care_plan_id = p.id
            AND a.status IN ('held', 'booked')
            AND EXISTS (SELECT FROM scheduling_patienttime t WHERE t.appointment_id = a.id)
            AND EXISTS (SELECT FROM scheduling_reservation r WHERE r.appointment_id = a.id))""",
}


def damage() -> dict[str, int]:
    """How often each invariant is broken in the database, by plain counting."""
    found = {}
    with connection.cursor() as cursor:
        for what, question in OVERLAPS.items():
            cursor.execute(question)
            [found[what]] = cursor.fetchone()
    return found


NONE = dict.fromkeys(OVERLAPS, 0)


def deadlocks() -> int:
    """How many deadlocks the server has seen in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
