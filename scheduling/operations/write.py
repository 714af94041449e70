"""Write what an appointment blocks, and give it back: the rows the database guards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from scheduling.core.course import Course
from scheduling.core.plan import Session
from scheduling.core.service import Service
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    CarePlan,
    Event,
    Gate,
    PatientTime,
    Reservation,
    TreatmentSpacing,
)
from scheduling.operations import spacing
from scheduling.operations.actor import Actor
from scheduling.operations.insert import insert
from scheduling.operations.lanes import Standing, Wanted, place

Clear = Callable[[Collection[Wanted]], Iterable[Standing]]
"""Removes expired holds in the way of these lanes, and says what still stands."""


def instant(seconds: int) -> datetime:
    """An aware UTC datetime from the core's POSIX seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def new_appointments(
    plan: CarePlan,
    course: Course,
    bound: Mapping[str, Session],
    actor: Actor,
    *,
    status: AppointmentStatus = AppointmentStatus.HELD,
) -> list[Appointment]:
    """Unsaved appointments of the plan for these sessions, in the course's order."""
    return [
        Appointment(
            care_plan=plan,
            step=step.id,
            block=step.block or "",
            patient=plan.patient,
            service_id=step.service.slug,
            site=plan.site,
            mode=step.service.mode,
            treatment=step.service.treatment,
            spacing_days=course.spacing_days if step.service.treatment else 0,
            status=status,
            start=instant(bound[step.id].start),
            end=instant(bound[step.id].end),
            phases=phases_of(step.service),
            expires_at=plan.expires_at if status == AppointmentStatus.HELD else None,
            created_by=actor.user,
        )
        for step in course.steps
        if step.id in bound
    ]


def phases_of(service: Service) -> list[dict[str, Any]]:
    """The phases as they are kept with the appointment."""
    return [{"name": phase.name, "minutes": phase.minutes} for phase in service.phases]


def book(
    appointments: Sequence[Appointment],
    bound: Mapping[str, Session],
    *,
    clear: Clear,
    capacity: Mapping[UUID, int],
    history: Sequence[Event],
) -> list[Reservation]:
    """Save new appointments, all of one patient, what they block and their `history`; return the
    reservations, without their keys.

    `bound` gives each one's session by its step. Raises Refused (TAKEN) where no lane is left;
    IntegrityError where the database knows better.
    """
    lanes = wanted(appointments, bound)
    standing = clear(lanes)
    reservations = place(lanes, standing, capacity)
    block(appointments, reservations, new=appointments, history=history)
    return reservations


def wanted(appointments: Iterable[Appointment], bound: Mapping[str, Session]) -> list[Wanted]:
    """The lanes that the sessions take; whoever only has to be on shift takes none."""
    return [
        Wanted(
            appointment,
            UUID(taken.unit),
            taken.role,
            instant(taken.start),
            instant(taken.end),
            taken.lanes,
        )
        for appointment in appointments
        for taken in bound[appointment.step].taken
        if taken.lanes
    ]


def block(
    appointments: Sequence[Appointment],
    reservations: Sequence[Reservation],
    *,
    new: Sequence[Appointment] = (),
    history: Sequence[Event] = (),
    gates: Sequence[Gate] = (),
    put: Callable[..., None] = insert,
) -> None:
    """Write what the appointments block: units, the patient's time, the spacing of treatments.
    Those that are `new` are written with it, with their history and gates, by `put`."""
    times = [
        PatientTime(
            patient_id=one.patient_id,
            appointment=one,
            during=DateTimeTZRange(one.start, one.end),
            expires_at=one.expires_at,
        )
        for one in appointments
    ]
    put(new, reservations, times, history, gates)
    treatments = [one for one in appointments if one.treatment]
    if treatments:
        spacing.keep(treatments[0].patient_id, treatments)


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
