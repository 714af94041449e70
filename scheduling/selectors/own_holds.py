"""What a patient holds now, and would give back by holding something else."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Patient
from scheduling.models import Appointment, AppointmentStatus, CarePlanStatus


def replaceable(patient: Patient, now: datetime) -> list[Appointment]:
    """The sessions of the patient's held courses, with their reservations: a patient has one hold
    at a time, so these times are free to them. One query, two where there are some."""
    return list(
        Appointment.objects.filter(
            patient=patient,
            status=AppointmentStatus.HELD,
            care_plan__status=CarePlanStatus.HELD,
            care_plan__expires_at__gt=now,
        ).prefetch_related("reservations")
    )
