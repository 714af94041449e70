"""Who may book what for whom: everything that does not depend on what is free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from accounts.models import Patient, PatientStatus
from scheduling.core.catalogue import BookableBy, ServiceDefinition
from scheduling.core.grid import SLOT, DayGrid
from scheduling.core.protocol import ProtocolDefinition
from scheduling.core.refusals import Code, Refusal, refuse
from scheduling.core.roles import Role
from scheduling.core.states import SILENT
from scheduling.models import Appointment, AppointmentStatus, CarePlan, CarePlanStatus
from scheduling.operations.actor import Actor

WALK_IN = timedelta(minutes=15)
"""Staff may enter a session that began so shortly ago: the patient stands at the desk."""


def patient_refusals(actor: Actor, patient: Patient, action: str) -> Iterator[Refusal]:
    """Whether this person may book for this patient at all.

    Online booking is closed while messages to the patient have stopped: a person takes over.
    Nobody books for the dead.
    """
    if not actor.staff and actor.patient_id != patient.pk:
        yield refuse(Code.NOT_ALLOWED, action=action, role=",".join(sorted(actor.roles)))
    dead = patient.status == PatientStatus.DECEASED
    if dead or (patient.status in SILENT and not actor.staff):
        yield refuse(Code.PATIENT_STATUS, status=patient.status)


def age_refusals(
    patient: Patient, services: Iterable[ServiceDefinition], today: date
) -> Iterator[Refusal]:
    """Too young for one of the services. An unknown date of birth is asked for at the evaluation,
    which comes before any treatment."""
    youngest = max((service.min_age for service in services), default=0)
    born = patient.birth_date
    if born is not None:
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        if age < youngest:
            yield refuse(Code.TOO_YOUNG, min_age=youngest)


def start_refusals(
    starts: Iterable[tuple[str, datetime]],
    grid: DayGrid,
    now: datetime,
    *,
    staff: bool,
    lead: timedelta = timedelta(0),
) -> Iterator[Refusal]:
    """Starts in the past, sooner than the service's lead time, beyond what is planned, off the
    five-minute grid. `starts` are steps with aware datetimes."""
    soonest = now - WALK_IN if staff else now + lead
    for step, start in starts:
        facts = {"step": step, "start": start.isoformat()}
        second = start.timestamp()
        if start < soonest:
            yield refuse(Code.IN_THE_PAST, **facts)
        if second >= grid.midnights[-1]:
            last = grid.date_of(grid.days - 1).isoformat()
            yield refuse(Code.BEYOND_HORIZON, last_date=last, **facts)
        if second % SLOT:
            yield refuse(Code.OFF_GRID, minutes=SLOT // 60, **facts)


def protocol_refusals(
    actor: Actor,
    patient: Patient,
    protocol: ProtocolDefinition,
    *,
    reason: str,
    treats: bool,
) -> Iterator[Refusal]:
    """Courses for staff only, those that ask for a reason, and second courses of treatment."""
    if protocol.bookable_by is BookableBy.STAFF and not actor.staff:
        yield refuse(Code.STAFF_ONLY, protocol=protocol.slug)
    if protocol.reason_required and not reason.strip():
        yield refuse(Code.REASON_NEEDED, action="hold")
    yield from second_plan_refusals(actor, patient, treats=treats)


def second_plan_refusals(actor: Actor, patient: Patient, *, treats: bool) -> Iterator[Refusal]:
    """Treatment beside another course of treatment that is under way is for a prescriber."""
    if treats and not actor.has(Role.PRESCRIBER) and _under_treatment(patient):
        yield refuse(Code.SECOND_TREATMENT_PLAN)


def single_refusals(
    actor: Actor, patient: Patient, service: ServiceDefinition
) -> Iterator[Refusal]:
    """A session outside any course: treatment is for staff, talk may need an evaluation first."""
    if actor.staff:
        return
    if service.treatment:
        yield refuse(Code.NEEDS_PLAN, service=service.slug)
    elif service.bookable_by is BookableBy.STAFF:
        yield refuse(Code.STAFF_ONLY, service=service.slug)
    elif service.bookable_by is BookableBy.AFTER_EVALUATION and not evaluated(patient):
        yield refuse(Code.NOT_CLEARED)


def _under_treatment(patient: Patient) -> bool:
    return CarePlan.objects.filter(
        patient=patient,
        status__in=[CarePlanStatus.ACTIVE, CarePlanStatus.ON_HOLD],
        appointments__treatment=True,
    ).exists()


def evaluated(patient: Patient) -> bool:
    """Whether a prescriber has seen this patient already. One query."""
    return Appointment.objects.filter(
        patient=patient, service="evaluation", status=AppointmentStatus.FULFILLED
    ).exists()
