"""Somebody may be in danger: who is asked to call, one after the other, until somebody has."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from accounts.models import Patient
from scheduling.models.care_plan import CarePlan
from scheduling.models.site import Site


class OnCall(models.Model):
    """Who is told at a site, in the order of `place`."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="on_call")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["site", "place"], name="on_call_place_once"),
            models.UniqueConstraint(fields=["site", "user"], name="on_call_person_once"),
        ]

    def __str__(self) -> str:
        return f"on call {self.place}"


class Escalation(models.Model):
    """One alert about one patient. It is with `holder`, or, once nobody of the list has answered,
    with every manager (`holder` null). Not acknowledged by `passes_at`, it goes on to the next.

    It ends only with what a clinician did, in words. While it is open, another alarming answer of
    the same patient joins it and begins the round anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="escalations")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    care_plan = models.ForeignKey(
        CarePlan, on_delete=models.PROTECT, related_name="escalations", null=True, blank=True
    )
    raised_at = models.DateTimeField()
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    place = models.PositiveSmallIntegerField(default=0)
    passes_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    action = models.TextField(blank=True)

    class Meta:
        ordering = ["raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(ended_at=None),
                name="escalation_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None, action="")
                | (models.Q(ended_at__isnull=False, ended_by__isnull=False) & ~models.Q(action="")),
                name="escalation_ends_with_action",
            ),
            models.CheckConstraint(
                condition=models.Q(acknowledged_at=None, acknowledged_by=None)
                | models.Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="escalation_acknowledged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}"
