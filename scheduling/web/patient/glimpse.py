"""The sessions of a hold as its reader sees them, whatever has become of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from scheduling.core import walltime
from scheduling.models import CarePlan
from scheduling.web.names import numbered
from scheduling.web.patient.marks import GROUPS
from scheduling.web.patient.rows import practitioner
from scheduling.web.weeks import week_start


def sessions(care_plan: CarePlan) -> list[dict[str, Any]]:
    """Every session by time, with its local day, its name and its mark. Three queries."""
    appointments = list(
        care_plan.appointments.select_related("service")
        .prefetch_related("reservations__resource")
        .order_by("start", "step")
    )
    names = numbered(appointments)
    return [
        {
            "start": one.start,
            "day": walltime.local_date(one.start, care_plan.site.timezone),
            "minutes": int((one.end - one.start).total_seconds() // 60),
            "name": names[one.pk],
            "practitioner": practitioner(one) if care_plan.site.names_people else "",
            "mark": _mark(one.treatment, one.service_id),
        }
        for one in appointments
    ]


def by_week(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with a local `day`, in order of time, grouped by calendar week and counted through."""
    weeks: dict[date, list[dict[str, Any]]] = {}
    for number, row in enumerate(rows, start=1):
        day: date = row["day"]
        weeks.setdefault(week_start(day), []).append(row | {"number": number})
    return [{"first": first, "sessions": own} for first, own in weeks.items()]


def _mark(treatment: bool, service: str) -> str:
    if treatment:
        return "treatment"
    return "group" if service in GROUPS else "talk"
