"""What a session holds when it ends early, and when its end is taken back.

People are free when the patient is; a place only after it was cleaned. The rows held before stand
in the event, so that a correction can ask for them again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from scheduling.locks import lock_resources
from scheduling.models import Appointment, PatientTime, Reservation, ResourceKind, TreatmentSpacing
from scheduling.operations import write
from scheduling.operations.lanes import Wanted, place
from scheduling.operations.recipe import clear_the_way

Held = list[dict[str, Any]]


def cut(appointment: Appointment, *, people_until: datetime, places_until: datetime) -> Held:
    """Free people and places from these instants on; return what was held, as plain values.

    Locks the resources, so that nobody relabels a row meanwhile. The patient's lock is held.
    """
    own = Reservation.objects.filter(appointment=appointment)
    lock_resources(own.values_list("resource_id", flat=True))
    rows = list(own.select_related("resource").order_by("resource_id", "lane"))
    held = [
        {
            "resource": str(row.resource_id),
            "role": row.role,
            "start": int(row.during.lower.timestamp()),
            "end": int(row.during.upper.timestamp()),
        }
        for row in rows
    ]
    for row in rows:
        place = row.resource.kind == ResourceKind.PLACE
        _shorten(row, places_until if place else people_until)
    for time in PatientTime.objects.filter(appointment=appointment):
        _shorten(time, people_until)
    return held


def drop_spacing(appointment: Appointment) -> None:
    """No treatment took place: others need not keep away from it."""
    TreatmentSpacing.objects.filter(appointment=appointment).delete()


def restore(appointment: Appointment, held: Held, now: datetime) -> None:
    """Hold again what was held before. Raises Refused (TAKEN) where a place went to somebody else;
    IntegrityError where the patient's own time or spacing did."""
    write.give_back([appointment.pk])
    capacity = lock_resources({one["resource"] for one in held})
    wanted = [
        Wanted(
            appointment,
            UUID(one["resource"]),
            one["role"],
            write.instant(one["start"]),
            write.instant(one["end"]),
        )
        for one in held
    ]
    standing = clear_the_way(appointment.patient_id, wanted, now)
    write.block([appointment], place(wanted, standing, capacity))


def occupied(appointment: Appointment, by: frozenset[str]) -> list[UUID]:
    """Appointments in one of the states `by` whose patient is still in a place that this one
    needs: a chair is freed by the discharge, not by the clock."""
    places = Reservation.objects.filter(
        appointment=appointment, resource__kind=ResourceKind.PLACE
    ).values("resource_id")
    others = Reservation.objects.filter(resource__in=places, appointment__status__in=by)
    # A session of last week that nobody ended in the records is not in the chair any more.
    recent = others.filter(appointment__start__gt=appointment.start - timedelta(days=1))
    others = recent.exclude(appointment=appointment)
    return list(others.values_list("appointment_id", flat=True).distinct())


def _shorten(row: Reservation | PatientTime, until: datetime) -> None:
    start, end = row.during.lower, row.during.upper
    if until <= start:
        row.delete()
    elif until < end:
        row.during = DateTimeTZRange(start, until)
        row.save(update_fields=["during"])
