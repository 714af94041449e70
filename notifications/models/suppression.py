"""Addresses to which nothing is sent any more."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower, Now


class Suppression(models.Model):
    """An address that bounced for good, or whose reader complained. Staff may lift it, once the
    address has been corrected or the reader asked for mail again."""

    address = models.CharField(max_length=320)
    reason = models.CharField(max_length=20)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("address"), condition=models.Q(lifted_at=None), name="suppression_once"
            ),
            models.CheckConstraint(
                condition=models.Q(reason__in=["bounce", "complaint", "stop"]),
                name="suppression_reason_known",
            ),
        ]

    def __str__(self) -> str:
        return self.reason
