"""What a patient already has: times in which they cannot come, and treatments to keep away from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from accounts.models import Patient
from scheduling.core.treatments import YEAR_DAYS
from scheduling.core.wishes import PatientTime
from scheduling.models import PatientTime as TimeRow
from scheduling.models import TreatmentSpacing

LOOK_BACK = timedelta(days=2)
"""Nothing is planned before yesterday; what ended earlier stands in nobody's way."""

YEAR = timedelta(days=YEAR_DAYS)
"""Treatments count towards a protocol's yearly limit for so long."""


def patient_time(
    patient: Patient, now: datetime, *, apart_from: Collection[UUID] = ()
) -> PatientTime:
    """Everything the patient has from now on, and the treatments of the past year, at any site;
    holds that have expired left out.

    `apart_from` are appointments that are about to move, and so do not count. Two queries.
    """
    counted = (Q(expires_at=None) | Q(expires_at__gt=now)) & ~Q(appointment__in=apart_from)
    busy = TimeRow.objects.filter(counted, patient=patient, during__endswith__gt=now - LOOK_BACK)
    spacings = TreatmentSpacing.objects.filter(
        counted, patient=patient, days__endswith__gt=(now - YEAR - LOOK_BACK).date()
    )
    return PatientTime(
        busy=tuple(
            sorted(
                (int(during.lower.timestamp()), int(during.upper.timestamp()))
                for during in busy.values_list("during", flat=True)
            )
        ),
        treatments=tuple(
            sorted(
                (days.lower.toordinal(), (days.upper - days.lower).days)
                for days in spacings.values_list("days", flat=True)
            )
        ),
    )
