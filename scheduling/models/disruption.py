"""Somebody or something is out, and what is to become of the sessions that needed it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.db.models.functions import Now

from scheduling.models.hours import Closure
from scheduling.models.resource import Resource
from scheduling.models.site import Site


class DisruptionStatus(models.TextChoices):
    PROPOSED = "proposed"
    APPLIED = "applied"


class Disruption(models.Model):
    """A resource, or the whole `site` without one, is out `during` a period. Its `closure` stands
    at once; null: it was taken away again, and there is nothing to repair.

    `proposal` is the best repair found so far, as `operations/proposal.py` writes it, and `cost`
    its price; `revision` grows with each that is written, so that nobody agrees to what they have
    not seen. `pins` (appointment -> start and units) and `exclusions` (appointments left to a
    person) are what staff asked of it; `inputs` grows when they change, and a search that began
    before writes nothing any more.

    A worker that has claimed it for a while searches until `search_until`; `search_ended` says that
    nothing better is looked for any more. `before` is what each moved appointment held, and the
    version it has since, so that all of it can be taken back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    resource = models.ForeignKey(
        Resource, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    closure = models.ForeignKey(
        Closure, on_delete=models.SET_NULL, related_name="disruptions", null=True, blank=True
    )
    during = DateTimeRangeField()
    reason = models.CharField(max_length=200)
    status = models.CharField(
        max_length=10, choices=DisruptionStatus.choices, default=DisruptionStatus.PROPOSED
    )
    proposal = models.JSONField(default=dict)
    cost = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    pins = models.JSONField(default=dict, blank=True)
    exclusions = ArrayField(models.UUIDField(), default=list, blank=True)
    inputs = models.PositiveIntegerField(default=1)
    search_began = models.DateTimeField()
    search_until = models.DateTimeField()
    search_ended = models.BooleanField(default=False)
    claimed_until = models.DateTimeField(null=True, blank=True)
    before = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(during__isempty=False)
                & models.Q(during__startswith__isnull=False)
                & models.Q(during__endswith__isnull=False),
                name="disruption_bounded",
            ),
            models.CheckConstraint(
                condition=models.Q(status="proposed", applied_at=None, applied_by=None)
                | models.Q(status="applied", applied_at__isnull=False, applied_by__isnull=False),
                name="disruption_applied_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(search_until__gte=models.F("search_began")),
                name="disruption_search_ends",
            ),
            models.UniqueConstraint(fields=["closure"], name="disruption_once_a_closure"),
        ]

    def __str__(self) -> str:
        return f"disruption {self.pk}"
