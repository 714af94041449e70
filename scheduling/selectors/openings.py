"""Free starts of one kind of session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.models import Patient
from scheduling import snapshots
from scheduling.core import openings as core
from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.grid import DayGrid
from scheduling.core.openings import Opening
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.walltime import local_date
from scheduling.core.wishes import PatientTime
from scheduling.models import Site
from scheduling.selectors import services
from scheduling.selectors.patient_time import patient_time

NOTHING_ELSE = PatientTime()


def openings(
    *,
    site: Site,
    service: str,
    start: datetime,
    end: datetime,
    now: datetime,
    mode: str = "in_person",
    role: str | None = None,
    practitioner: str | None = None,
    patient: Patient | None = None,
    staff: bool = False,
) -> list[Opening]:
    """Every start in `[start, end)` at which all that the service needs is free, ascending.

    Each names the persons of `role` who could give it (without it, of the role that stays the same
    in a course, or of every role). `practitioner` (a resource id) narrows to one person, `patient`
    to times they can come. Patients are shown no start sooner than the service's lead time.
    Raises Refused (UNKNOWN) for a service, mode, role or practitioner that is not there.
    Three queries at most, five with a patient.
    """
    snapshot = snapshots.current(site, now)
    wanted = services.core_service(service, mode, known=snapshot.services)
    if practitioner is not None and practitioner not in snapshot.units:
        raise Refused([refuse(Code.UNKNOWN, field="practitioner", value=practitioner)])
    if role is not None and role not in {need.role for need in wanted.requirements}:
        raise Refused([refuse(Code.UNKNOWN, field="role", value=role)])
    lead = timedelta() if staff else lead_of(snapshot.services[service])
    days = days_of(snapshot.grid, start, end)
    found = core.openings(
        snapshot.availability,
        wanted,
        first_day=days[0],
        last_day=days[1],
        role=role,
        unit=practitioner,
        patient=patient_time(patient, now) if patient else NOTHING_ELSE,
    )
    return between(found, max(start, now + lead), end)


def lead_of(definition: ServiceDefinition) -> timedelta:
    """How long before its start a patient may still book the service."""
    return timedelta(hours=definition.lead_hours)


def days_of(grid: DayGrid, start: datetime, end: datetime) -> tuple[int, int]:
    """The days of the grid that a period touches; they may lie outside."""
    first, last = local_date(start, grid.zone), local_date(end, grid.zone)
    return grid.day_of(first), grid.day_of(last)


def between(found: Iterable[Opening], start: datetime, end: datetime) -> list[Opening]:
    """The openings that start in `[start, end)`."""
    low, high = start.timestamp(), end.timestamp()
    return [opening for opening in found if low <= opening.start < high]
