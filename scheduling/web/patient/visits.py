"""The visits of a patient that belong to no course."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from accounts.models import User
from scheduling.models import Appointment, AppointmentStatus
from scheduling.web.patient.rows import STATES


def visits_ahead(user: User, now: datetime) -> list[dict[str, Any]]:
    """Those that are still to come, held ones among them, soonest first. One query."""
    coming = Appointment.objects.filter(
        patient__user=user,
        care_plan=None,
        status__in=[AppointmentStatus.HELD, AppointmentStatus.BOOKED],
        end__gt=now,
    ).exclude(expires_at__lte=now)
    return [
        {
            "id": one.pk,
            "title": gettext(one.service.title),
            "start": one.start,
            "site": one.site,
            "state": STATES[one.status],
        }
        for one in coming.select_related("service", "site").order_by("start")[:50]
    ]
