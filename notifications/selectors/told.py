"""Whether patients have heard of something yet."""

from __future__ import annotations

from uuid import UUID

from notifications.core.kinds import Status
from notifications.models import Message

WENT_OUT = (Status.SENDING, Status.SENT, Status.AMBIGUOUS, Status.BOUNCED)


def told_of_disruption(disruption: UUID) -> bool:
    """Whether anybody has been, or may have been, told what this disruption moved. One query."""
    told = Message.objects.filter(
        facts__disruptions__contains=[str(disruption)], status__in=WENT_OUT
    )
    return told.exists()
