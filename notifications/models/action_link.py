"""A link in a message that acts without signing in."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from notifications.models.message import Message
from scheduling.models import Appointment


class Purpose(models.TextChoices):
    """What the one link may do, and nothing else."""

    CONFIRM = "confirm"
    CANCEL = "cancel"
    UNDO = "undo"
    STOP = "stop"


class ActionLink(models.Model):
    """Only the hash of the link's secret is kept. It works until `expires_at`, and while the
    appointment's `sequence` is the one it was written for: a newer one revokes it."""

    key = models.CharField(primary_key=True, max_length=64)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="links")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    sequence = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=list(Purpose)), name="action_link_purpose_known"
            ),
            models.CheckConstraint(
                condition=models.Q(purpose=Purpose.STOP) | models.Q(appointment__isnull=False),
                name="action_link_has_appointment",
            ),
        ]

    def __str__(self) -> str:
        return self.purpose
