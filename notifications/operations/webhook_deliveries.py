"""Other programs are told of changes: at least once, signed, until it is enough."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from notifications.channels import http
from notifications.core.signature import sign
from notifications.core.webhooks import TYPES, next_attempt, payload
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.operations.webhook_endpoints import GONE, switch_off

Outcome = WebhookDelivery.Outcome
SECONDS = 15
"""For one attempt. Standard Webhooks recommends 15 to 30."""
HTTP_GONE = 410
BATCH = 1000

log = structlog.get_logger(__name__)


def write_deliveries(rows: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Write what endpoints are told of these events. One query where nobody listens, none where
    nothing is of a kind that anybody could listen for. Part of the caller's transaction."""
    wanted = [row for row in rows if row["verb"] in TYPES and row["appointment_id"]]
    endpoints = list(WebhookEndpoint.objects.filter(active=True)) if wanted else []
    if endpoints:
        WebhookDelivery.objects.bulk_create(
            (
                WebhookDelivery(
                    endpoint=endpoint,
                    event_id=row["id"],
                    type=TYPES[row["verb"]],
                    body=_body(row),
                    next_attempt_at=now,
                )
                for row in wanted
                for endpoint in endpoints
                if TYPES[row["verb"]] in endpoint.types
            ),
            ignore_conflicts=True,  # webhook_delivery_once
            batch_size=BATCH,
        )


def deliver(
    clock: Callable[[], datetime] = timezone.now,
    *,
    seconds: float = 30,
    resolve: http.Resolve = http.resolve,
) -> int:
    """Attempt what is due, oldest first, until nothing is left or `seconds` are over; return how
    many attempts were made. Any number of processes may run it. An endpoint that fails once is left
    alone for the rest of the run: one that hangs does not hold up the others."""
    until, attempts = monotonic() + seconds, 0
    failing: set[UUID] = set()
    while monotonic() < until:
        # The row stays locked while it is on its way: whoever dies there leaves it due.
        with transaction.atomic():
            delivery = _claim(clock(), failing)
            if delivery is None:
                break
            outcome, status = _attempt(delivery, clock, resolve)
        if outcome != Outcome.DELIVERED:
            failing.add(delivery.endpoint_id)
        if status == HTTP_GONE:  # afterwards: others of its deliveries may be on their way
            switch_off(delivery.endpoint, GONE)
        attempts += 1
    return attempts


def _claim(now: datetime, failing: Iterable[UUID]) -> WebhookDelivery | None:
    rows = WebhookDelivery.objects.select_for_update(
        skip_locked=True, of=("self",), no_key=True
    ).select_related("endpoint")
    due = rows.filter(next_attempt_at__lte=now).exclude(endpoint__in=list(failing))
    return due.order_by("next_attempt_at").first()


def _attempt(
    delivery: WebhookDelivery, clock: Callable[[], datetime], resolve: http.Resolve
) -> tuple[Outcome, int | None]:
    """One attempt and its mark."""
    now, attempts = clock(), delivery.attempts + 1
    if delivery.endpoint.active:
        outcome, status = _post(delivery, now, resolve)
    else:
        outcome, status = Outcome.SWITCHED_OFF, None
    over = outcome in (Outcome.DELIVERED, Outcome.SWITCHED_OFF) or status == HTTP_GONE
    chance = random.random()  # noqa: S311 - jitter, no secret
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        attempts=attempts,
        last_attempt_at=now,
        last_status=status,
        outcome=outcome,
        next_attempt_at=None if over else next_attempt(attempts, clock(), chance),
    )
    if outcome != Outcome.DELIVERED:
        log.warning("webhook_failed", delivery=str(delivery.pk), outcome=outcome, status=status)
    return outcome, status


def _post(
    delivery: WebhookDelivery, now: datetime, resolve: http.Resolve
) -> tuple[Outcome, int | None]:
    body = delivery.body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Tremedy-Webhooks/1",
        "webhook-id": str(delivery.pk),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": sign(_secrets(delivery.endpoint, now), str(delivery.pk), now, body),
    }
    try:
        answer = http.post(
            delivery.endpoint.url,
            body,
            headers,
            seconds=SECONDS,
            plain=settings.DEBUG or settings.WEBHOOK_ALLOW_LOOPBACK,
            allowed=http.may_be_called,
            resolve=resolve,
        )
    except (http.ForbiddenAddressError, ValueError):
        return Outcome.FORBIDDEN, None
    except (http.NotSentError, http.NoAnswerError):
        return Outcome.UNREACHABLE, None
    arrived = 200 <= answer.status < 300
    return Outcome.DELIVERED if arrived else Outcome.REFUSED, answer.status


def _secrets(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """Those that hold now, the newest first."""
    until = endpoint.old_secret_until
    both = until is not None and now < until
    return [endpoint.secret, endpoint.old_secret] if both else [endpoint.secret]


def _body(row: Mapping[str, Any]) -> str:
    plan = row["care_plan_id"]
    said = payload(
        TYPES[row["verb"]],
        row["at"],
        appointment=str(row["appointment_id"]),
        care_plan=str(plan) if plan else None,
        sequence=row["sequence"],
    )
    return json.dumps(said)
