"""Versioned course templates [FHIR: PlanDefinition]."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Protocol(models.Model):
    """A course that can be booked. What it consists of stands in its versions."""

    slug = models.SlugField(primary_key=True, max_length=60)
    title = models.CharField(max_length=200)
    staff_only = models.BooleanField(default=False)
    experimental = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.title


class ProtocolVersion(models.Model):
    """One immutable wording of a protocol. Plans keep the version they were made from.

    `definition` is the JSON form of `scheduling.core.protocol`; `fingerprint` is its hash.
    """

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["protocol", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["protocol", "number"], name="protocol_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.protocol_id} v{self.number}"
