"""Whoever was promised times for a while hears before the promise ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from notifications.core.kinds import Kind
from notifications.models import Message
from scheduling.models import Appointment, CarePlan

LONG = timedelta(hours=1)
"""A shorter hold ends while one looks at it: its page counts down, and no mail would be in time."""
BEFORE = timedelta(hours=2)


def write_expiring_holds(now: datetime) -> int:
    """Write a message for each long hold that ends soon; return how many. May run twice; a hold
    that was prolonged has another end and is told of anew."""
    ending = {"status": "held", "expires_at__gt": now, "expires_at__lte": now + BEFORE}
    long = {"expires_at__gte": F("created_at") + LONG, "patient__visitor_key": None}
    held: list[CarePlan | Appointment] = [
        *CarePlan.objects.filter(**ending, **long),
        *Appointment.objects.filter(care_plan=None, **ending, **long),
    ]
    messages = [
        Message(
            kind=Kind.HOLD_EXPIRING,
            patient_id=one.patient_id,
            site_id=one.site_id,
            care_plan=one if isinstance(one, CarePlan) else None,
            appointment=one if isinstance(one, Appointment) else None,
            topic=one.expires_at.isoformat() if one.expires_at else "",
            due_at=now,
        )
        for one in held
    ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)  # message_once
    return len(messages)
