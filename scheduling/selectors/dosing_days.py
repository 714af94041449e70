"""The days on which a patient is given treatment."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from scheduling.core.walltime import local_date
from scheduling.models import Appointment
from scheduling.selectors.courses import GONE

BEFORE, AFTER = timedelta(days=3), timedelta(days=1)


def dosing_days(patient_id: UUID, now: datetime, zone: str) -> set[date]:
    """Local days around `now` on which a treatment of the patient stands or was begun. One query.

    Judgement may be impaired on such a day: nothing is signed, and nothing decided is final.
    """
    treatments = Appointment.objects.filter(
        patient=patient_id, treatment=True, start__range=(now - BEFORE, now + AFTER)
    ).exclude(status__in=GONE)
    return {local_date(start, zone) for start in treatments.values_list("start", flat=True)}
