"""Tracking events of mail providers, as anymail reads them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, tracking
from django.dispatch import receiver
from django.utils import timezone

from notifications.core.reports import Report, of_provider
from notifications.operations.reports import News, take


@receiver(tracking, dispatch_uid="notifications")
def on_event(sender: Any, event: AnymailTrackingEvent, esp_name: str, **extra: Any) -> None:
    """One event. What fails is told again by the provider: the page answers 500 then."""
    now = timezone.now()
    reason = event.reject_reason or _own_reason(event.esp_event)
    report = of_provider(event.event_type, reason)
    if report == Report.OTHER:
        return
    at = event.timestamp or now
    news = News(
        source=esp_name[:40],
        event_id=event.event_id or _made_up_id(event),
        report=report,
        at=at,
        message=_key(event.metadata),
        provider_id=str(event.message_id or ""),
        recipient=str(event.recipient or ""),
        detail=reason,
    )
    take(news, now)


def _own_reason(raw: Any) -> str:
    """SendGrid's `type` of a bounce, which anymail leaves where it was."""
    return str(raw.get("type", "")) if isinstance(raw, dict) else ""


def _made_up_id(event: AnymailTrackingEvent) -> str:
    """For providers that name no events: the same thing about the same message at the same time."""
    about = (event.message_id, event.recipient, event.event_type, event.timestamp)
    return "\n".join(str(one) for one in about)


def _key(metadata: Any) -> UUID | None:
    """The message's key, which went out with it."""
    try:
        return UUID(str(metadata.get("message")))
    except (AttributeError, ValueError):
        return None
