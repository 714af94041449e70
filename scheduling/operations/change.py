"""Look at a row under its patient's lock, and change it only where nobody was first."""

from __future__ import annotations

from typing import Any, TypeVar

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.locks import lock_patient
from scheduling.models import Appointment, CarePlan

Row = TypeVar("Row", Appointment, CarePlan)


def look_at_appointment(appointment: Appointment, version: int | None) -> Appointment:
    """The appointment as it is now, under the patient's lock. Raises Refused (STALE) where the
    caller saw another `version`; None asks for none."""
    lock_patient(appointment.patient_id)
    rows = Appointment.objects.select_related("service", "site", "care_plan__protocol_version")
    return _current(rows.get(pk=appointment.pk), version)


def look_at_plan(care_plan: CarePlan, version: int | None) -> CarePlan:
    """The care plan as it is now, under the patient's lock. Raises Refused (STALE)."""
    lock_patient(care_plan.patient_id)
    rows = CarePlan.objects.select_related("site", "protocol_version")
    return _current(rows.get(pk=care_plan.pk), version)


def change(row: Row, **fields: Any) -> None:
    """Write `fields` where the row is still as it was read. Raises Refused (STALE) where not:
    capacity is given back without the patient's lock, so somebody may have been first."""
    rows = type(row)._default_manager.filter(pk=row.pk, status=row.status, version=row.version)
    if not rows.update(**fields):
        raise stale(type(row)._default_manager.get(pk=row.pk))
    revised: list[str] = ["sequence"] if isinstance(row, Appointment) else []
    row.refresh_from_db(fields=[*fields, "version", *revised])


def stale(row: Row) -> Refused:
    """The refusal for somebody who saw an older version; it names the current one."""
    return Refused([refuse(Code.STALE, version=row.version)])


def _current(row: Row, version: int | None) -> Row:
    if version not in (None, row.version):
        raise stale(row)
    return row
