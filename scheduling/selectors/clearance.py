"""Whether a prescriber's clearance stands."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q

from scheduling.models import CarePlan, Clearance

CLEARED = (Clearance.CLEARED, Clearance.CONDITIONAL)


def cleared_for(patient_id: UUID, protocol: str, today: date) -> CarePlan | None:
    """The plan by which the patient is cleared for this protocol (its slug) on local day `today`,
    if there is one. One query."""
    return CarePlan.objects.filter(
        Q(clearance_until=None) | Q(clearance_until__gte=today),
        patient=patient_id,
        protocol_version__protocol=protocol,
        clearance__in=CLEARED,
    ).first()
