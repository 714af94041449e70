"""Cancel booked sessions together, whoever decided it; nothing else of the course is touched."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from scheduling.core.reasons import Cancelled
from scheduling.models import Appointment, AppointmentStatus
from scheduling.operations import events, write
from scheduling.operations.actor import Actor


def call_off(
    chosen: QuerySet[Appointment],
    *,
    actor: Actor,
    reason: Cancelled,
    note: str = "",
    now: datetime,
) -> list[Appointment]:
    """Cancel those of the chosen that are booked and free what they block; return them in order.

    Part of the caller's transaction. Never late: it is not the patient who calls off.
    """
    booked = chosen.filter(status=AppointmentStatus.BOOKED)
    locked = booked.select_for_update(no_key=True, of=("self",)).order_by("pk")
    ids = [one.pk for one in locked]
    Appointment.objects.filter(pk__in=ids).update(
        status=AppointmentStatus.CANCELLED, reason=reason.value
    )
    write.give_back(ids)
    called_off = list(Appointment.objects.filter(pk__in=ids).order_by("start", "pk"))
    events.append_all(
        events.entry(
            actor=actor,
            verb="cancelled",
            appointment=one,
            status_before=AppointmentStatus.BOOKED,
            status_after=AppointmentStatus.CANCELLED,
            reason=reason.value,
            facts={"note": note} if note else {},
            now=now,
        )
        for one in called_off
    )
    return called_off


def ahead(care_plan_id: UUID, now: datetime) -> QuerySet[Appointment]:
    """The plan's sessions that are booked and have not begun."""
    return Appointment.objects.filter(
        care_plan_id=care_plan_id, status=AppointmentStatus.BOOKED, start__gt=now
    )
