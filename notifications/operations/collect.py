"""Committed events become messages to send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction

from notifications.models import PendingEvent
from notifications.operations import call_list
from notifications.operations.follow_merges import follow_merges
from notifications.operations.tell_changes import tell_of_changes
from notifications.operations.tell_rest import tell_of_the_rest
from notifications.operations.webhook_deliveries import write_deliveries
from scheduling.models import Event
from scheduling.operations.actor import MESSAGE_LINK

BATCH = 2000
LOCK = "notifications collect"
COLUMNS = (
    *("id", "verb", "at", "patient_id", "care_plan_id", "appointment_id", "sequence", "facts"),
    *("actor_id", "actor_label", "patient__user_id"),
    *("appointment__start", "appointment__end", "appointment__treatment"),
    *("appointment__site_id", "appointment__site__timezone", "appointment__site__names_people"),
    *("care_plan__site_id", "care_plan__site__timezone"),
)
Row = Mapping[str, Any]

log = structlog.get_logger(__name__)


def collect_all(now: datetime) -> int:
    """Write the messages that all waiting events ask for; how many events were read.

    An event that cannot be read stops no other: the batch is read again one by one, and what fails
    alone is set aside, where `/readyz` complains of it until somebody has looked.
    """
    total = 0
    while True:
        try:
            count = collect(now)
        except Exception:  # whatever an event holds, the others have to be read
            log.exception("events_unreadable")
            count = _one_by_one(now)
        if not count:
            return total
        total += count


def collect(now: datetime, limit: int = BATCH) -> int:
    """Write the messages that the next events ask for, and return how many events were read.

    Events leave the queue in the transaction that writes their messages: after a crash both are as
    before. One collector works at a time, so that the changes of one course become one message; a
    second one returns at once.
    """
    with transaction.atomic():
        if not _alone():
            return 0
        rows = _take(limit)
        if rows:
            follow_merges(rows)
            tell_of_changes(rows)
            tell_of_the_rest(rows, now)
            call_list.update(rows, now)
            write_deliveries(rows, now)
        return len(rows)


def _one_by_one(now: datetime) -> int:
    """Read as many events as a batch has, each in a transaction of its own."""
    for number in range(BATCH):
        try:
            if not collect(now, limit=1):
                return number
        except Exception:
            log.exception("event_set_aside")
            first = PendingEvent.objects.filter(set_aside=False).order_by("event_id").first()
            if first is not None:
                PendingEvent.objects.filter(pk=first.pk).update(set_aside=True)
    return BATCH


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])
        return bool(cursor.fetchone()[0])


def _take(limit: int) -> list[Row]:
    """Remove the oldest events from the queue and return them, in their order."""
    waiting = PendingEvent.objects.filter(set_aside=False).order_by("event_id")
    ids = list(waiting.values_list("event_id", flat=True)[:limit])
    if not ids:
        return []
    PendingEvent.objects.filter(event_id__in=ids).delete()
    rows = Event.objects.filter(pk__in=ids).order_by("pk").values(*COLUMNS)
    return [{**row, "by_patient": by_the_patient(row)} for row in rows]


def by_the_patient(row: Row) -> bool:
    """Whether patients did it themselves: signed in, or by a link of a message."""
    own = row["actor_id"] is not None and row["actor_id"] == row["patient__user_id"]
    return own or row["actor_label"] in ("visitor", MESSAGE_LINK)
