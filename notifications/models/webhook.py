"""Other programs that are told of changes, and what each has been told."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from notifications.core.webhooks import TYPES
from scheduling.models import Event


class WebhookEndpoint(models.Model):
    """An address that a manager has entered, and the `types` of events it hears of.

    Secrets are kept as they are, because every delivery is signed with them; they are shown once.
    `old_secret` signs too until `old_secret_until`, so that the receiver can change over.
    `off_because`: `gone` where the receiver answered so (410), `by_hand` otherwise.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    url = models.URLField(max_length=500)
    description = models.CharField(max_length=200, blank=True)
    types = ArrayField(models.CharField(max_length=40))
    secret = models.CharField(max_length=120)
    old_secret = models.CharField(max_length=120, blank=True)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)
    off_because = models.CharField(max_length=20, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(types__contained_by=list(TYPES.values()), types__len__gt=0),
                name="webhook_types_known",
            ),
            models.CheckConstraint(
                condition=models.Q(active=True, off_because="")
                | (models.Q(active=False) & ~models.Q(off_because="")),
                name="webhook_off_for_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(old_secret="", old_secret_until=None)
                | (~models.Q(old_secret="") & models.Q(old_secret_until__isnull=False)),
                name="webhook_old_secret_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.description or str(self.pk)


class WebhookDelivery(models.Model):
    """One event for one endpoint, once; `event` is null for a test. Its key is the `webhook-id`,
    the same at every attempt: at least one arrives, and the receiver knows a second by it.

    Waiting while `next_attempt_at` is set. `outcome` says how the last attempt ended: `delivered`,
    `refused` (an answer that is no success), `unreachable`, `forbidden` (an address inside our own
    network) or `switched_off`.
    """

    class Outcome(models.TextChoices):
        DELIVERED = "delivered"
        REFUSED = "refused"
        UNREACHABLE = "unreachable"
        FORBIDDEN = "forbidden"
        SWITCHED_OFF = "switched_off"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries"
    )
    event = models.ForeignKey(
        Event,
        on_delete=models.DO_NOTHING,
        related_name="+",
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
    )
    type = models.CharField(max_length=40)
    body = models.TextField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(next_attempt_at__isnull=False) | ~models.Q(outcome=""),
                name="webhook_delivery_waits_or_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(next_attempt_at__isnull=False),
                name="webhook_delivery_due",
            ),
            models.Index(fields=["endpoint", "-created_at"], name="webhook_delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"
