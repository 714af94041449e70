"""How much waits for a colleague."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from scheduling.core.walltime import day_start, local_date
from scheduling.models import Appointment, AppointmentStatus, Site
from scheduling.querysets import staff_tasks_for


def counts_for(user: User, site: Site, now: datetime) -> dict[str, int]:
    """`tasks` that are open for the person's roles, and `visits` of their own today."""
    today = local_date(now, site.timezone)
    visits = Appointment.objects.filter(
        reservations__resource__user=user,
        status=AppointmentStatus.BOOKED,
        start__gte=day_start(today, site.timezone),
        start__lt=day_start(today + timedelta(days=1), site.timezone),
    )
    return {
        "tasks": staff_tasks_for(user).filter(finished_at=None).count(),
        "visits": visits.distinct().count(),
    }
