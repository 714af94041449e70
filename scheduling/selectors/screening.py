"""Whether a patient has answered the safety questions of a course."""

from __future__ import annotations

from scheduling.models import CarePlan, Screening


def screened(care_plan: CarePlan) -> bool:
    """Whether the answers were sent. One query."""
    return Screening.objects.filter(care_plan=care_plan, submitted_at__isnull=False).exists()
