"""The one order in which a booking takes its locks: its site's hours, patients, then resources,
each by key.

Two writers that follow it can wait for one another, never in a circle. Bookings share the hours of
their site; who changes them has them alone, so that none is written by hours that are no longer
true. `NO KEY UPDATE` leaves foreign-key checks of others alone. Whoever only gives capacity back
needs none of these locks.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from accounts.models import Patient
from scheduling.models import Resource

LOCK_TIMEOUT = "5s"
"""Longer than a queue of bookings for one popular chair takes, shorter than anybody waits."""


def share_hours(site_id: UUID) -> None:
    """Keep the site's hours and closures as they are to the end of the transaction.

    To be taken first of all. Raises OperationalError on a timeout.
    """
    _lock_hours("pg_advisory_xact_lock_shared", site_id)


def lock_hours(site_id: UUID) -> None:
    """Wait for the bookings under way at the site and let none begin before this transaction ends.

    To be taken first of all. Raises OperationalError on a timeout.
    """
    _lock_hours("pg_advisory_xact_lock", site_id)


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


def _lock_hours(take: str, site_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT set_config('lock_timeout', %s, true), {take}(hashtextextended(%s, 0))",
            [LOCK_TIMEOUT, f"hours {site_id}"],
        )


def limit_waiting() -> None:
    """Let no statement of this transaction wait for a lock longer than `LOCK_TIMEOUT`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
