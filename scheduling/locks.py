"""The one order in which a booking takes its locks: its site's hours, patients, then resources,
each by key.

Two writers that follow it can wait for one another, never in a circle. Bookings share the hours of
their site; who changes them has them alone, so that none is written by hours that are no longer
true. `NO KEY UPDATE` leaves foreign-key checks of others alone. Whoever only gives capacity back
needs none of these locks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from accounts.models import Patient
from accounts.round_trip import Rows, ask
from scheduling.models import Resource

LOCK_TIMEOUT = "5s"
"""Longer than a queue of bookings for one popular chair takes, shorter than anybody waits."""


LIMIT_WAITING = "SELECT set_config('lock_timeout', %(timeout)s, true)"
SHARE_HOURS = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%(hours)s, 0))"
LOCK_HOURS = "SELECT pg_advisory_xact_lock(hashtextextended(%(hours)s, 0))"
LOCK_PATIENT = "SELECT FROM accounts_patient WHERE id = %(patient)s FOR NO KEY UPDATE"
LOCK_PATIENTS = """
SELECT FROM accounts_patient WHERE id = ANY(%(patients)s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
LOCK_RESOURCES = """
SELECT id, capacity FROM scheduling_resource WHERE id = ANY(%(resources)s::uuid[])
ORDER BY id FOR NO KEY UPDATE
"""
TRY_ALONE = "SELECT pg_try_advisory_lock(hashtextextended(%(name)s, 1))"
NO_LONGER_ALONE = "SELECT pg_advisory_unlock(hashtextextended(%(name)s, 1))"
LOCK_BOOKING = (LIMIT_WAITING, SHARE_HOURS, LOCK_PATIENT, LOCK_RESOURCES)
LOCK_REPAIR = (LIMIT_WAITING, SHARE_HOURS, LOCK_PATIENTS, LOCK_RESOURCES)


def lock_booking(
    site_id: UUID,
    patient_id: UUID,
    resources: Iterable[UUID | str],
    then: Sequence[str] = (),
    **values: Any,
) -> tuple[dict[UUID, int], list[Rows]]:
    """Lock all that a booking needs, to the end of the transaction. Returns how many lanes each of
    the resources has now, and the rows of the statements `then`, asked under the locks in the same
    round trip: whoever queues for a popular room waits for each.

    Raises OperationalError on a timeout.
    """
    asked: dict[str, Any] = {
        "timeout": LOCK_TIMEOUT,
        "hours": _hours(site_id),
        "patient": patient_id,
        "resources": list({str(one) for one in resources}),
    }
    answers = ask([*LOCK_BOOKING, *then], asked | values)
    locked = len(LOCK_BOOKING)
    return dict(answers[locked - 1]), answers[locked:]


def lock_repair(
    site_id: UUID, patients: Iterable[UUID], resources: Iterable[UUID | str]
) -> dict[UUID, int]:
    """Lock all that moving sessions of several patients needs, to the end of the transaction;
    return how many lanes each of the resources has now. Raises OperationalError on a timeout."""
    asked = {
        "timeout": LOCK_TIMEOUT,
        "hours": _hours(site_id),
        "patients": list({str(one) for one in patients}),
        "resources": list({str(one) for one in resources}),
    }
    return dict(ask(LOCK_REPAIR, asked)[-1])


def lock_hours(site_id: UUID, then: Sequence[str] = (), **values: Any) -> list[Rows]:
    """Wait for the bookings under way at the site and let none begin before this transaction ends.
    Returns the rows of the statements `then`, asked under the lock in the same round trip.

    To be taken first of all. Raises OperationalError on a timeout.
    """
    alone = (LIMIT_WAITING, LOCK_HOURS)
    asked = {"timeout": LOCK_TIMEOUT, "hours": _hours(site_id)}
    return ask([*alone, *then], asked | values)[len(alone) :]


def lock_patient(patient_id: UUID) -> Patient:
    """Lock the patient's row to the end of the transaction and return it as it is now.

    To be taken before any resource. Raises Patient.DoesNotExist; OperationalError on a timeout.
    """
    limit_waiting()
    return Patient.objects.select_for_update(no_key=True).get(pk=patient_id)


def lock_resources(ids: Iterable[UUID | str]) -> dict[UUID, int]:
    """Lock these resources, in the order of their keys; return how many lanes each has now.

    Raises OperationalError on a timeout.
    """
    limit_waiting()
    locked = Resource.objects.select_for_update(no_key=True).filter(pk__in=set(ids))
    return dict(locked.order_by("pk").values_list("pk", "capacity"))


def _hours(site_id: UUID) -> str:
    """The name of the advisory lock on the site's hours."""
    return f"hours {site_id}"


def limit_waiting() -> None:
    """Let no statement of this transaction wait for a lock longer than `LOCK_TIMEOUT`."""
    ask([LIMIT_WAITING], {"timeout": LOCK_TIMEOUT})


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Whether nobody else is at this work now; while the block runs, nobody else will be. For work
    of several transactions that must not be done twice at once; waits for nothing."""
    [[(free,)]] = ask([TRY_ALONE], {"name": name})
    try:
        yield bool(free)
    finally:
        if free:
            ask([NO_LONGER_ALONE], {"name": name})
