"""What a patient has read and signed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from scheduling.models.care_plan import CarePlan


class ConsentSignature(models.Model):
    """A signed copy: every word as it was shown, and the hash of them. Rows are only added.

    `fingerprint` is the SHA-256 of title and text in their canonical JSON form.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    care_plan = models.ForeignKey(CarePlan, on_delete=models.PROTECT, related_name="consents")
    document = models.SlugField(max_length=40, db_index=False)
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=8)
    title = models.CharField(max_length=200)
    text = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["care_plan", "document", "version"], name="consent_signed_once"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="consent_names_its_signer"),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"
