"""How far behind the ledger is."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min

from notifications.core.kinds import Status
from notifications.models import Message, PendingEvent
from scheduling.models import Event


def oldest_due(now: datetime) -> float:
    """Seconds by which the message that waits longest is late; 0 where none is. One query."""
    due = Message.objects.filter(status=Status.SCHEDULED, due_at__lte=now)
    first = due.aggregate(first=Min("due_at"))["first"]
    return max(0.0, (now - first).total_seconds()) if first else 0.0


def oldest_event(now: datetime) -> float:
    """Seconds since the oldest event happened that nobody has read; 0 where none waits. Two
    queries."""
    key = PendingEvent.objects.aggregate(first=Min("event_id"))["first"]
    at = Event.objects.filter(pk=key).values_list("at", flat=True).first() if key else None
    return max(0.0, (now - at).total_seconds()) if at else 0.0


def counts() -> dict[str, int]:
    """How many messages are in each state. One query."""
    rows = Message.objects.order_by().values_list("status").annotate(Count("pk"))
    return {status.value: 0 for status in Status} | dict(rows)
