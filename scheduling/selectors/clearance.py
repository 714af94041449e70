"""Whether a prescriber's clearance stands."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q

from scheduling.models import CarePlan, Clearance, StaffTask

CLEARED = (Clearance.CLEARED, Clearance.CONDITIONAL)

TELL_DECLINE = "tell_decline"
"""The staff task that is open until a person has told the patient of a decline."""


def is_untold(care_plan: CarePlan) -> bool:
    """Whether the treatments were declined and nobody has told the patient yet: until then nothing
    that the patient reads says so. One query at most."""
    if care_plan.clearance != Clearance.DECLINED:
        return False
    return StaffTask.objects.filter(
        care_plan=care_plan, kind=TELL_DECLINE, finished_at=None
    ).exists()


def cleared_for(patient_id: UUID, protocol: str, today: date) -> CarePlan | None:
    """The plan by which the patient is cleared for this protocol (its slug) on local day `today`,
    if there is one. One query."""
    return CarePlan.objects.filter(
        Q(clearance_until=None) | Q(clearance_until__gte=today),
        patient=patient_id,
        protocol_version__protocol=protocol,
        clearance__in=CLEARED,
    ).first()
