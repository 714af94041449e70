"""Sessions as their reader sees them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from scheduling.core import walltime
from scheduling.models import Appointment, CarePlan

GONE = ("expired", "released")
CLEARED = ("cleared", "conditional")
STATES = {
    "held": _("held"),
    "booked": _("confirmed"),
    "arrived": _("you are here"),
    "in_progress": _("under way"),
    "recovering": _("resting"),
    "fulfilled": _("done"),
    "cancelled": _("cancelled"),
    "noshow": _("missed"),
    "not_treated": _("did not take place"),
    "stopped": _("stopped early"),
}


def weeks(care_plan: CarePlan, now: datetime) -> list[dict[str, Any]]:
    """The sessions grouped by the local week they fall in."""
    by_monday: dict[date, list[dict[str, Any]]] = {}
    appointments = (
        care_plan.appointments.exclude(status__in=GONE)
        .select_related("service")
        .prefetch_related("reservations__resource")
        .order_by("start")
    )
    for appointment in appointments:
        day = walltime.local_date(appointment.start, care_plan.site.timezone)
        monday = day - timedelta(days=day.isoweekday() - 1)
        by_monday.setdefault(monday, []).append(session_row(care_plan, appointment, now))
    return [{"monday": monday, "sessions": rows} for monday, rows in by_monday.items()]


def session_row(care_plan: CarePlan, appointment: Appointment, now: datetime) -> dict[str, Any]:
    """One session as its reader sees it. A treatment is reserved until somebody cleared it."""
    state = STATES[appointment.status]
    if (
        appointment.status == "booked"
        and appointment.treatment
        and care_plan.clearance not in CLEARED
    ):
        state = _("reserved")
    return {
        "id": appointment.pk,
        "start": appointment.start,
        "title": appointment.service.title,
        "minutes": int((appointment.end - appointment.start).total_seconds() // 60),
        "practitioner": practitioner(appointment),
        "state": state,
        "movable": care_plan.status == "active"
        and appointment.status == "booked"
        and appointment.start > now,
    }


def practitioner(appointment: Appointment) -> str:
    """The person the patient talks with; treatments name nobody beforehand."""
    if appointment.treatment:
        return ""
    people = {
        reservation.resource.name
        for reservation in appointment.reservations.all()
        if reservation.resource.kind == "person"
    }
    return ", ".join(sorted(people))
