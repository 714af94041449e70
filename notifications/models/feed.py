"""A calendar address that only its owner knows."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class CalendarFeed(models.Model):
    """Shows its owner's own appointments: a patient's as patient, a colleague's as staff (`kind`).
    Only the hash of the address's secret is kept; a new one replaces it."""

    class Kind(models.TextChoices):
        PATIENT = "patient"
        STAFF = "staff"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "kind"], name="calendar_feed_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["patient", "staff"]), name="calendar_feed_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.kind
