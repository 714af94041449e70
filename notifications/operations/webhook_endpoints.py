"""Managers say which programs are told of changes, and change or take away their secrets."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from notifications.core.signature import secret_of
from notifications.core.webhooks import TEST, payload
from notifications.models import WebhookDelivery, WebhookEndpoint
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may

BOTH_HOLD = timedelta(hours=24)
"""How long an old secret signs beside the new one."""
BY_HAND, GONE = "by_hand", "gone"


def add(
    *, actor: Actor, url: str, description: str, types: Collection[str], now: datetime
) -> WebhookEndpoint:
    """A new endpoint with a secret, which the caller shows this once. Raises Refused
    (NOT_ALLOWED) but for managers."""
    manager = _require_manager(actor)

    def work() -> WebhookEndpoint:
        endpoint = WebhookEndpoint.objects.create(
            url=url,
            description=description,
            types=sorted(types),
            secret=_new_secret(),
            created_by=manager,
        )
        _note(actor, "webhook_added", endpoint, now)
        return endpoint

    return atomic.run(work)


def rotate(*, actor: Actor, endpoint: WebhookEndpoint, now: datetime) -> WebhookEndpoint:
    """A new secret, which the caller shows this once. The one before signs too for a day; one that
    was still ending ends now. Raises Refused (NOT_ALLOWED)."""
    _require_manager(actor)

    def work() -> WebhookEndpoint:
        fresh = _locked(endpoint)
        fresh.old_secret, fresh.old_secret_until = fresh.secret, now + BOTH_HOLD
        fresh.secret = _new_secret()
        fresh.save(update_fields=["secret", "old_secret", "old_secret_until"])
        _note(actor, "webhook_rotated", fresh, now)
        return fresh

    return atomic.run(work)


def switch(*, actor: Actor, endpoint: WebhookEndpoint, on: bool, now: datetime) -> None:
    """On or off. What waits for an endpoint that is switched off is not delivered later. Raises
    Refused (NOT_ALLOWED)."""
    _require_manager(actor)

    def work() -> None:
        fresh = _locked(endpoint)
        if fresh.active == on:
            return
        if on:
            fresh.active, fresh.off_because = True, ""
            fresh.save(update_fields=["active", "off_because"])
        else:
            switch_off(fresh, BY_HAND)
        _note(actor, "webhook_switched_on" if on else "webhook_switched_off", fresh, now)

    atomic.run(work)


def switch_off(endpoint: WebhookEndpoint, because: str) -> None:
    """What waits is ended with it, but for what is on its way: that ends when it is due again."""
    with transaction.atomic():
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(active=False, off_because=because)
        waiting = WebhookDelivery.objects.select_for_update(skip_locked=True, no_key=True).filter(
            endpoint=endpoint, next_attempt_at__isnull=False
        )
        WebhookDelivery.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(
            next_attempt_at=None, outcome=WebhookDelivery.Outcome.SWITCHED_OFF
        )


def send_test(*, actor: Actor, endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery:
    """Ask for a delivery that is about nothing. Raises Refused: NOT_ALLOWED, WRONG_STATE where the
    endpoint is off."""
    _require_manager(actor)
    if not endpoint.active:
        raise Refused([refuse(Code.WRONG_STATE, state="off", action="send_test")])
    body = payload(TEST, now, appointment=None, care_plan=None, sequence=0)
    return WebhookDelivery.objects.create(
        endpoint=endpoint, type=TEST, body=json.dumps(body), next_attempt_at=now
    )


def _new_secret() -> str:
    return secret_of(secrets.token_bytes(32))


def _locked(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    return WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)


def _note(actor: Actor, verb: str, endpoint: WebhookEndpoint, now: datetime) -> None:
    facts = {"endpoint": str(endpoint.pk), "types": endpoint.types}
    events.append(actor=actor, verb=verb, facts=facts, now=now)


def _require_manager(actor: Actor) -> User:
    if actor.user is None or not may(actor.user, Action.EDIT_CLINIC):
        roles = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action=Action.EDIT_CLINIC.value, role=roles)])
    return actor.user
