"""Write what an appointment blocks, and give it back: the rows the database guards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from scheduling.core.plan import Session
from scheduling.models import Appointment, PatientTime, Reservation, TreatmentSpacing
from scheduling.operations import spacing
from scheduling.operations.lanes import Standing, Wanted, place


@dataclass(frozen=True, slots=True)
class Written:
    """An appointment and the units bound to it."""

    appointment: Appointment
    session: Session


def instant(seconds: int) -> datetime:
    """An aware UTC datetime from the core's POSIX seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def wanted(written: Iterable[Written]) -> list[Wanted]:
    """The lanes that these sessions take; who only has to be on shift takes none."""
    return [
        Wanted(
            one.appointment,
            UUID(taken.unit),
            taken.role,
            instant(taken.start),
            instant(taken.end),
            taken.lanes,
        )
        for one in written
        for taken in one.session.taken
        if taken.lanes
    ]


def block(
    written: Collection[Written],
    *,
    standing: Iterable[Standing],
    capacity: Mapping[UUID, int],
) -> None:
    """Reserve units, the patient's time and the spacing of treatments. The appointments are saved
    already, and nothing of theirs is blocked.

    Raises Refused (TAKEN) where no lane is left; IntegrityError where the database knows better.
    """
    Reservation.objects.bulk_create(place(wanted(written), standing, capacity))
    PatientTime.objects.bulk_create(
        PatientTime(
            patient_id=one.appointment.patient_id,
            appointment=one.appointment,
            during=DateTimeTZRange(one.appointment.start, one.appointment.end),
            expires_at=one.appointment.expires_at,
        )
        for one in written
    )
    treatments = [one.appointment for one in written if one.appointment.treatment]
    if treatments:
        spacing.keep(treatments)


def give_back(appointments: Collection[UUID]) -> None:
    """Free everything that these appointments (by id) block. Needs no lock of a resource: whoever
    calls has changed their status, and so was first."""
    for table in (Reservation, PatientTime, TreatmentSpacing):
        table.objects.filter(appointment_id__in=appointments).delete()


def set_expiry(appointments: Collection[UUID], expires_at: datetime | None) -> None:
    """Repeat a hold's end on everything it blocks; None when it is confirmed.

    The caller holds the locks of the resources: a row that is being relabelled would be missed.
    """
    for table in (Reservation, PatientTime, TreatmentSpacing):
        table.objects.filter(appointment_id__in=appointments).update(expires_at=expires_at)
