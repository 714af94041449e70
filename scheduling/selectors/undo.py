"""Which cancellations a patient may still take back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from scheduling.core.reasons import Cancelled
from scheduling.core.roles import MESSAGE_LINK
from scheduling.core.walltime import local_date, to_instant
from scheduling.models import Appointment, AppointmentStatus, CarePlan, CarePlanStatus, Event
from scheduling.selectors.dosing_days import dosing_days

UNTIL = time(12)
"""Local time of the next day until which a cancellation of a dosing day can be undone. The clinic's
own default: judgement may be impaired on the day, so nothing decided on it is final."""
BY_LINK = timedelta(hours=24)
"""How long a cancellation by a link in a message can be undone: whoever followed the link did not
show who they are. The clinic's own default."""


OPEN = frozenset({CarePlanStatus.ACTIVE, CarePlanStatus.COMPLETED})
"""Completed: the cancelled session was the last one."""


def undo_deadlines(care_plan: CarePlan, now: datetime) -> dict[UUID, datetime]:
    """When the undo ends, by appointment, for what still lies ahead: what the patient cancelled on
    a dosing day (a local day on which a treatment of theirs stands), and what was cancelled by a
    link in a message. Two queries at most."""
    if care_plan.status not in OPEN:
        return {}
    mine = Q(actor__isnull=False, actor=care_plan.patient.user_id) | Q(actor_label=MESSAGE_LINK)
    cancelled = {
        key: (at, label, start)
        for key, at, label, start in _cancelled(now)
        .filter(mine, care_plan=care_plan)
        .exclude(reason=Cancelled.COURSE_PAUSED)
        .values_list("appointment", "at", "actor_label", "appointment__start")
    }
    if not cancelled:
        return {}
    zone = care_plan.site.timezone
    days = dosing_days(care_plan.patient_id, now, zone)
    deadlines = {}
    for key, (at, label, start) in cancelled.items():
        day = local_date(at, zone)
        ends = [at + BY_LINK] if label == MESSAGE_LINK else []
        if day in days:
            ends.append(to_instant(day + timedelta(days=1), UNTIL, zone))
        if ends and now < max(ends):
            deadlines[key] = min(max(ends), start)
    return deadlines


def undo_deadline(appointment: Appointment, now: datetime) -> datetime | None:
    """When the undo of this one ends, in a course or outside; None where there is none, and once it
    was taken back. Three queries at most."""
    if appointment.care_plan is not None:
        until = undo_deadlines(appointment.care_plan, now).get(appointment.pk)
    else:
        own = _cancelled(now).filter(appointment=appointment, actor_label=MESSAGE_LINK)
        at = own.values_list("at", flat=True).last()
        ends_at = min(at + BY_LINK, appointment.start) if at is not None else now
        until = ends_at if now < ends_at else None
    return None if until is None or is_undone(appointment) else until


def is_undone(appointment: Appointment) -> bool:
    """Whether its cancellation was taken back. One query."""
    return Event.objects.filter(appointment=appointment, verb="cancel_undone").exists()


def people_before(appointment: Appointment) -> Mapping[str, str]:
    """Whom a cancelled visit outside of a course was with: resource keys by role. One query."""
    facts = (
        Event.objects.filter(appointment=appointment, verb="cancelled")
        .order_by("id")
        .values_list("facts", flat=True)
        .last()
    )
    known: Mapping[str, str] = (facts or {}).get("practitioners", {})
    return known


def _cancelled(now: datetime) -> QuerySet[Event]:
    """Cancellations of the last days whose time still lies ahead, the oldest first."""
    return Event.objects.filter(
        verb="cancelled",
        at__gt=now - timedelta(days=2),
        appointment__status=AppointmentStatus.CANCELLED,
        appointment__start__gt=now,
    ).order_by("id")
