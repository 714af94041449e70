"""What only keeps things from being done twice goes, once nothing can come twice any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from notifications.models import InboundMail, ProviderEvent, WebhookDelivery

REPORTS_KEPT = timedelta(days=400)
"""Longer than any visit lies ahead that a calendar's reply may be about."""
DELIVERIES_KEPT = timedelta(days=30)


def prune(now: datetime) -> int:
    """Delete what came in long ago and the deliveries that ended long ago; return how many. The
    ledger itself stays: it says who was told what."""
    old = now - REPORTS_KEPT
    ended = WebhookDelivery.objects.filter(next_attempt_at=None)
    rows = (
        InboundMail.objects.filter(received_at__lt=old),
        ProviderEvent.objects.filter(received_at__lt=old),
        ended.filter(created_at__lt=now - DELIVERIES_KEPT),
    )
    return sum(found.delete()[0] for found in rows)
