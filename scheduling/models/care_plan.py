"""One patient's course made from one protocol version [FHIR: CarePlan]."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models import Patient
from scheduling.models.protocol import ProtocolVersion
from scheduling.models.site import Site


class CarePlanStatus(models.TextChoices):
    HELD = "held"
    EXPIRED = "expired"
    RELEASED = "released"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    REVOKED = "revoked"


class Clearance(models.TextChoices):
    """Whether a prescriber has cleared the patient for this plan's treatments."""

    PENDING = "pending"
    CLEARED = "cleared"
    CONDITIONAL = "conditional"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class CarePlan(models.Model):
    """`sessions` is how many appointments the plan was booked with; the database checks at commit
    that none is missing. `version` is raised by the database with any change. A hold ends by
    itself at `expires_at`; `extended` remembers that it was prolonged once. `pace` maps a step to
    the days `[min, target, max]` between its sessions where a prescriber has changed them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="care_plans")
    protocol_version = models.ForeignKey(
        ProtocolVersion, on_delete=models.PROTECT, related_name="care_plans"
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="care_plans")
    status = models.CharField(
        max_length=12, choices=CarePlanStatus.choices, default=CarePlanStatus.HELD
    )
    blocks = ArrayField(models.SlugField(max_length=40), default=list, blank=True)
    modes = models.JSONField(default=dict, blank=True)
    wishes = models.JSONField(default=dict, blank=True)
    pace = models.JSONField(default=dict, blank=True, db_default={})
    sessions = models.PositiveSmallIntegerField()
    earliest = models.DateField()
    expires_at = models.DateTimeField(null=True, blank=True)
    extended = models.BooleanField(default=False)
    clearance = models.CharField(
        max_length=12, choices=Clearance.choices, default=Clearance.PENDING
    )
    clearance_until = models.DateField(null=True, blank=True)
    clearance_condition = models.TextField(blank=True)
    paused_until = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=list(CarePlanStatus)), name="care_plan_status_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status=CarePlanStatus.HELD)
                | models.Q(expires_at__isnull=False),
                name="care_plan_hold_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(clearance__in=list(Clearance)), name="care_plan_clearance_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(status="held"),
                name="care_plan_holds",
            ),
        ]

    def __str__(self) -> str:
        return f"care plan {self.pk}"
