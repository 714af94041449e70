"""What a person may see. Views start from these, so that what belongs to somebody else and what
does not exist look alike."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from accounts.models import Patient
from accounts.round_trip import ask, columns, row_of
from scheduling.core.roles import Role
from scheduling.models import Appointment, CarePlan, StaffTask, WaitlistEntry, WaitlistOffer
from scheduling.permissions import Person, roles_of

Row = TypeVar("Row", bound=Model)
PATIENT = f"""
SELECT {columns(Patient, "p")} FROM accounts_patient p
WHERE p.id = %(patient)s AND p.visitor_key IS NULL AND p.merged_into_id IS NULL
    AND (%(all)s OR p.user_id = %(user)s)
"""  # noqa: S608 - columns of a model


def patients_for(user: Person) -> QuerySet[Patient]:
    """Staff: all but visitors, who have only a hold yet, and records that are part of another.
    Patients: themselves. Nobody else."""
    found = Patient.objects.filter(visitor_key=None, merged_into=None)
    return _seen_by(user, found, "user")


def patient_for(user: Person, key: UUID) -> Patient | None:
    """One of `patients_for`, or None. Written out: asked by every booking for somebody."""
    [found] = ask([PATIENT], patient_values(user, key))
    return row_of(Patient, found[0]) if found else None


def patient_values(user: Person, key: UUID) -> dict[str, Any]:
    """The values of `PATIENT`, for whoever asks it together with something else."""
    sees_all = bool(roles_of(user)) and not _only_own(user)
    return {"patient": key, "user": user.pk if roles_of(user) else None, "all": sees_all}


def care_plans_for(user: Person) -> QuerySet[CarePlan]:
    """Staff: all. Patients: their own. Nobody else."""
    return _seen_by(user, CarePlan.objects.all(), "patient__user")


def appointments_for(user: Person) -> QuerySet[Appointment]:
    """Staff: all. Patients: their own. Nobody else."""
    return _seen_by(user, Appointment.objects.all(), "patient__user")


def staff_tasks_for(user: Person) -> QuerySet[StaffTask]:
    """Tasks of the person's roles; front desk and managers see all. Patients see none."""
    roles = roles_of(user)
    if not roles.isdisjoint({Role.FRONT_DESK, Role.MANAGER}):
        return StaffTask.objects.all()
    return StaffTask.objects.filter(role__in=roles - {Role.PATIENT})


def waitlist_entries_for(user: Person) -> QuerySet[WaitlistEntry]:
    """Staff: all. Patients: their own. Nobody else."""
    return _seen_by(user, WaitlistEntry.objects.all(), "patient__user")


def waitlist_offers_for(user: Person) -> QuerySet[WaitlistOffer]:
    """Staff: all. Patients: their own. Nobody else."""
    return _seen_by(user, WaitlistOffer.objects.all(), "entry__patient__user")


def _seen_by(user: Person, rows: QuerySet[Row], owner: str) -> QuerySet[Row]:
    if not roles_of(user):
        return rows.none()
    return rows.filter(**{owner: user}) if _only_own(user) else rows


def _only_own(user: Person) -> bool:
    return roles_of(user) == {Role.PATIENT}
