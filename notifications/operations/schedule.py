"""What is sent because a day comes near: written ahead of time, from the bookings as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from notifications.core.due import plan_ahead
from notifications.core.kinds import AHEAD, RULES, Kind, Status
from notifications.models import Message
from notifications.operations.ways import by_sms, channels
from scheduling.models import Appointment, AppointmentStatus, CarePlanStatus, Event
from scheduling.operations.clear import HOLDS

HORIZON = timedelta(hours=36)
"""How long before it is due a message is written down, so that the desk sees what will be sent."""
EARLIEST_SHIFT = timedelta(hours=12)
"""Quiet hours bring a message forward by less than this."""
SERIES = timedelta(days=7)
"""A treatment that follows another within this time needs no preparation of its own."""
BATCH = 5000


def schedule(now: datetime) -> int:
    """Write the messages ahead of sessions that are due soon, and those that will not be sent with
    the reason; return how many. However often and however late it runs, each is written once."""
    return sum(_schedule(kind, now) for kind in AHEAD)


def _schedule(kind: Kind, now: datetime) -> int:
    rows = list(_wanted(kind, now)[:BATCH])
    texted = by_sms({row["patient_id"] for row in rows})
    written = Message.objects.bulk_create(_messages(kind, rows, texted, now), ignore_conflicts=True)
    return len(written)


def _wanted(kind: Kind, now: datetime) -> QuerySet[Appointment, dict[str, Any]]:
    """Booked sessions ahead whose message of this kind is not written for their revision."""
    lead = RULES[kind].lead or timedelta()
    written = Message.objects.filter(
        appointment=OuterRef("pk"), kind=kind, sequence=OuterRef("sequence")
    )
    settled = Event.objects.filter(
        appointment=OuterRef("pk"), sequence=OuterRef("sequence"), verb__in=["booked", "moved"]
    ).order_by("id")
    rows = Appointment.objects.filter(
        ~Exists(written),
        status=AppointmentStatus.BOOKED,
        start__gt=now,
        start__lte=now + lead + HORIZON + EARLIEST_SHIFT,
    )
    if kind == Kind.PREPARATION:
        rows = _first_of_a_series(rows)
    return rows.order_by("start", "pk").values(
        *("pk", "patient_id", "site_id", "care_plan_id", "sequence", "start", "created_at"),
        "site__timezone",
        told_at=Subquery(settled.values("at")[:1]),
    )


def _first_of_a_series(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Treatments that none precedes within a week, of courses that a prescriber has cleared: until
    then nobody prepares for anything."""
    before = Appointment.objects.filter(
        patient=OuterRef("patient"),
        treatment=True,
        status__in=[AppointmentStatus.BOOKED, AppointmentStatus.FULFILLED],
        start__lt=OuterRef("start"),
        start__gte=OuterRef("start") - SERIES,
    )
    return rows.filter(
        ~Exists(before),
        treatment=True,
        care_plan__status=CarePlanStatus.ACTIVE,
        care_plan__clearance__in=HOLDS,
    )


def _messages(
    kind: Kind, rows: list[dict[str, Any]], texted: set[Any], now: datetime
) -> Iterator[Message]:
    for row in rows:
        told_at = row["told_at"] or row["created_at"]
        due, why_not = plan_ahead(kind, row["start"], told_at, now, row["site__timezone"])
        if due > now + HORIZON:
            continue
        for channel in channels(kind, row["patient_id"], texted):
            yield Message(
                kind=kind,
                channel=channel,
                patient_id=row["patient_id"],
                site_id=row["site_id"],
                care_plan_id=row["care_plan_id"],
                appointment_id=row["pk"],
                sequence=row["sequence"],
                due_at=due,
                status=Status.CANCELLED if why_not else Status.SCHEDULED,
                reason=why_not or "",
            )
