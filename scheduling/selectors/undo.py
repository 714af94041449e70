"""Which cancellations a patient may still take back."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from scheduling.core.reasons import Cancelled
from scheduling.core.walltime import local_date, to_instant
from scheduling.models import AppointmentStatus, CarePlan, CarePlanStatus, Event
from scheduling.selectors.dosing_days import dosing_days

UNTIL = time(12)
"""Local time of the next day until which a cancellation of a dosing day can be undone. The clinic's
own default: judgement may be impaired on the day, so nothing decided on it is final."""


OPEN = frozenset({CarePlanStatus.ACTIVE, CarePlanStatus.COMPLETED})
"""Completed: the cancelled session was the last one."""


def undo_deadlines(care_plan: CarePlan, now: datetime) -> dict[UUID, datetime]:
    """When the undo ends, by appointment: those that the patient cancelled on a dosing day, a local
    day on which a treatment of theirs stands, and that still lie ahead. Two queries at most."""
    if care_plan.status not in OPEN:
        return {}
    zone = care_plan.site.timezone
    cancelled = dict(
        Event.objects.filter(
            care_plan=care_plan,
            verb="cancelled",
            actor__isnull=False,
            actor=care_plan.patient.user_id,
            at__gt=now - timedelta(days=2),
            appointment__status=AppointmentStatus.CANCELLED,
            appointment__start__gt=now,
        )
        .exclude(reason=Cancelled.COURSE_PAUSED)
        .order_by("id")
        .values_list("appointment", "at")
    )
    if not cancelled:
        return {}
    days = dosing_days(care_plan.patient_id, now, zone)
    deadlines = {}
    for key, at in cancelled.items():
        day = local_date(at, zone)
        until = to_instant(day + timedelta(days=1), UNTIL, zone)
        if day in days and now < until:
            deadlines[key] = until
    return deadlines
