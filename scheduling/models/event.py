"""What happened: who, when, what changed, why. History is never edited."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.models import Patient
from scheduling.models.appointment import Appointment
from scheduling.models.care_plan import CarePlan


class Event(models.Model):
    """Append-only: the application role may only insert, and a trigger refuses the rest to anyone.

    `verb` is a stable code (`booked`, `moved`, `cancelled`, …); `facts` hold before and after.
    `actor` null means the software itself acted (`sweep`) or a visitor who had not signed in;
    `actor_label` then says which. `sequence` is the appointment's calendar revision after it.
    """

    at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    actor_label = models.CharField(max_length=40)
    verb = models.SlugField(max_length=40, db_index=False)
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="events", null=True, blank=True
    )
    care_plan = models.ForeignKey(
        CarePlan, on_delete=models.PROTECT, related_name="events", null=True, blank=True
    )
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="events", null=True, blank=True
    )
    status_before = models.CharField(max_length=12, blank=True)
    status_after = models.CharField(max_length=12, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(actor_label=""), name="event_names_its_actor"
            ),
        ]

    def __str__(self) -> str:
        return self.verb
