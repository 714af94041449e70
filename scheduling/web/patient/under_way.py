"""What a patient has booked already, said before they book more."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from scheduling.models import CarePlan, CarePlanStatus

UNDER_WAY = (CarePlanStatus.ACTIVE, CarePlanStatus.ON_HOLD)


def under_way(request: HttpRequest) -> list[dict[str, Any]]:
    """The reader's own courses that are not over. One query where somebody is signed in."""
    if not request.user.is_authenticated:
        return []
    plans = CarePlan.objects.filter(
        patient__user=request.user, status__in=UNDER_WAY
    ).select_related("protocol_version__protocol")
    return [
        {"id": plan.pk, "title": gettext(plan.protocol_version.protocol.title)}
        for plan in plans.order_by("created_at")
    ]
