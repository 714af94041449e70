"""Messages whose sender died: nobody knows whether they went out, so a person decides."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from notifications.core.kinds import Reason, Status
from notifications.models import Message
from notifications.operations import tasks_for_staff

GRACE = timedelta(seconds=10)
"""Between its claim and its lock a sender holds nothing, for as long as a commit takes."""


def recover(now: datetime) -> int:
    """Flag what is `sending` while nobody holds its lock; return how many. A sender at work holds
    the lock of its message, so however slow it is, it is left alone."""
    with transaction.atomic():
        lost = Message.objects.select_for_update(
            skip_locked=True, of=("self",), no_key=True
        ).filter(status=Status.SENDING, claimed_at__lt=Now() - GRACE)
        messages = list(lost.select_related("site", "patient", "care_plan", "appointment"))
        for message in messages:
            Message.objects.filter(pk=message.pk).update(
                status=Status.AMBIGUOUS, reason=Reason.UNKNOWN_OUTCOME
            )
            tasks_for_staff.unsure(message, now)
        return len(messages)
