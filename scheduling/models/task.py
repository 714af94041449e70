"""Something only a person can do."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.models import Patient
from scheduling.models.appointment import Appointment
from scheduling.models.care_plan import CarePlan
from scheduling.models.site import Site


class StaffTask(models.Model):
    """Work for a person of `role`, with an owner, a due time and an outcome.

    `kind` is a stable code (`gap_exceeded`, `clearance_wanted`, …). Open tasks of one kind about
    one subject exist once: asking again changes nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    kind = models.SlugField(max_length=60)
    role = models.CharField(max_length=20)
    urgent = models.BooleanField(default=False)
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="tasks", null=True, blank=True
    )
    care_plan = models.ForeignKey(
        CarePlan, on_delete=models.PROTECT, related_name="tasks", null=True, blank=True
    )
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="tasks", null=True, blank=True
    )
    facts = models.JSONField(default=dict, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=60, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-urgent", "due_at", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "patient", "care_plan", "appointment"],
                condition=models.Q(finished_at=None),
                nulls_distinct=False,
                name="task_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(finished_at=None, outcome="")
                | (models.Q(finished_at__isnull=False) & ~models.Q(outcome="")),
                name="task_ends_with_outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.kind
