"""What must be true before a session may start."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from scheduling.models.appointment import Appointment
from scheduling.models.care_plan import CarePlan


class GateCode(models.TextChoices):
    """The closed list."""

    CLEARANCE = "clearance"
    CONSENT = "consent"
    SCREENING = "screening"
    QUESTIONNAIRE = "questionnaire"
    EDUCATION = "education"
    RIDE = "ride"
    FASTING = "fasting"
    REMS = "rems"


class GateStatus(models.TextChoices):
    OPEN = "open"
    CLOSED = "closed"
    OVERRIDDEN = "overridden"


class Gate(models.Model):
    """A gate of one plan (`appointment` null: closed once for the course) or of one appointment."""

    care_plan = models.ForeignKey(
        CarePlan,
        on_delete=models.CASCADE,
        related_name="gates",
        null=True,
        blank=True,
        db_index=False,  # the constraint's index begins with it
    )
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="gates", null=True, blank=True
    )
    code = models.CharField(max_length=20, choices=GateCode.choices)
    status = models.CharField(max_length=12, choices=GateStatus.choices, default=GateStatus.OPEN)
    due_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["care_plan", "appointment", "code"],
                name="gate_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(code__in=list(GateCode)), name="gate_code_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=list(GateStatus)), name="gate_status_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="overridden") | ~models.Q(reason=""),
                name="gate_override_has_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(care_plan__isnull=False) | models.Q(appointment__isnull=False),
                name="gate_has_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.code
