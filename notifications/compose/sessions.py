"""The sessions a message tells of, as they stand now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import F, Min

from notifications.core.kinds import NEWS, Status
from notifications.core.session import Session
from notifications.models import Message
from scheduling.models import Appointment, AppointmentStatus, Event


def sessions_of(
    appointments: Iterable[Appointment],
    was: dict[str, str | None] | None = None,
    *,
    dated: bool = True,
) -> list[Session]:
    """In the order of their times. The appointments come with their site and service. One query
    where the revisions are `dated`, as calendars want them."""
    rows = list(appointments)
    revised = _revised({one.pk for one in rows}) if dated else {}
    before = was or {}
    found = [
        Session(
            id=one.pk,
            uid=f"{one.pk}@{settings.CALENDAR_DOMAIN}",
            sequence=one.sequence,
            revised_at=revised.get(one.pk, one.created_at),
            start=one.start,
            end=one.end,
            zone=one.site.timezone,
            cancelled=one.status == AppointmentStatus.CANCELLED,
            mode=one.mode,
            title=one.service.neutral_title,
            clinic=one.site.neutral_name,
            address=one.site.address,
            phone=one.site.phone,
            was=datetime.fromisoformat(text) if (text := before.get(str(one.pk))) else None,
        )
        for one in rows
    ]
    return sorted(found, key=lambda one: (one.start, str(one.id)))


def _revised(appointments: Collection[UUID]) -> dict[UUID, datetime]:
    """When each one's present revision came to be: its first event says so, for good."""
    rows = Event.objects.filter(
        appointment__in=appointments, sequence=F("appointment__sequence")
    ).order_by()
    return dict(rows.values_list("appointment").annotate(at=Min("at")))


def told(message: Message) -> dict[str, int]:
    """The newest revision of each session that this recipient has been told of. One query."""
    sent = Message.objects.filter(
        status=Status.SENT,
        kind__in=NEWS,
        channel=message.channel,
        patient=message.patient_id,
        care_plan=message.care_plan_id,
        appointment=message.appointment_id,
    )
    known: dict[str, int] = {}
    for one in sent.values_list("told", flat=True):
        for key, sequence in one.items():
            known[key] = max(sequence, known.get(key, 0))
    return known
