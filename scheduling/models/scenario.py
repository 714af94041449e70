"""A manager's question "what if we had …", and its answer once a worker has played it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from scheduling.models.site import Site


class ScenarioStatus(models.TextChoices):
    ASKED = "asked"
    DONE = "done"


class Scenario(models.Model):
    """`additions` as `core.whatif.Addition` in JSON; `result` holds both plays. It changes nothing
    of the clinic."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    additions = models.JSONField(default=list)
    status = models.CharField(
        max_length=12, choices=ScenarioStatus.choices, default=ScenarioStatus.ASKED
    )
    result = models.JSONField(null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=list(ScenarioStatus)), name="scenario_status_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], condition=models.Q(status="asked"), name="scenario_asked"
            ),
        ]

    def __str__(self) -> str:
        return f"scenario {self.pk}"
