"""Something scarce that a session needs: a person, a place, or the seats of a group series."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from scheduling.models.site import Site


class ResourceKind(models.TextChoices):
    PERSON = "person"  # FHIR: PractitionerRole
    PLACE = "place"  # FHIR: Location
    SERIES = "series"  # a group series; its lanes are seats, open only at its meetings


class Resource(models.Model):
    """`roles` are role or place-kind slugs (`nurse`, `infusion_chair`). `capacity` counts lanes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="resources")
    kind = models.CharField(max_length=10, choices=ResourceKind.choices)
    name = models.CharField(max_length=200)
    roles = ArrayField(models.SlugField(max_length=40))
    capacity = models.PositiveSmallIntegerField(default=1)
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    features = ArrayField(models.SlugField(max_length=40), default=list, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="resources",
        null=True,
        blank=True,
    )
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["kind", "name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(capacity__range=(1, 500)), name="resource_capacity_range"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=list(ResourceKind)), name="resource_kind_known"
            ),
            models.UniqueConstraint(fields=["site", "name"], name="resource_name_once_per_site"),
        ]
        indexes = [GinIndex(fields=["roles"], name="resource_roles")]

    def __str__(self) -> str:
        return self.name


class Qualification(models.Model):
    """A dated qualification of a person (`acls`), good through `valid_until` (null: no end)."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="qualifications")
    code = models.SlugField(max_length=40)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource", "code"], name="qualification_once"),
        ]

    def __str__(self) -> str:
        return self.code
