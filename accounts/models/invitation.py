"""A link by which somebody comes in: as staff with roles, or to a record the clinic has made."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models.patient import Patient
from accounts.models.user import Role

TRIES = 5
"""How often a birth date may be tried before the link closes. The clinic's own default."""


class InvitationPurpose(models.TextChoices):
    STAFF = "staff"
    PATIENT = "patient"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations by whether they still work."""

    def open_at(self, now: datetime) -> InvitationQuerySet:
        """Neither used, taken back, closed by wrong birth dates, nor over."""
        return self.filter(accepted_at=None, revoked_at=None, tries_left__gt=0, expires_at__gt=now)


class Invitation(models.Model):
    """One link for one purpose, sent to `email` and to nobody else. Only its hash is stored.

    Staff get `roles`. A patient gets `patient`, once they have said its birth date; `tries_left`
    counts down with each date.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=10, choices=InvitationPurpose.choices)
    hashed = models.CharField(max_length=64, unique=True, editable=False)
    email = models.EmailField()
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role.choices), default=list, blank=True
    )
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="invitations", null=True, blank=True
    )
    tries_left = models.PositiveSmallIntegerField(default=TRIES)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects: ClassVar[models.Manager[Invitation]] = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    purpose=InvitationPurpose.STAFF,
                    roles__len__gt=0,
                    roles__contained_by=list(Role),
                    patient=None,
                )
                | models.Q(purpose=InvitationPurpose.PATIENT, roles=[], patient__isnull=False),
                name="invitation_has_one_purpose",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None, accepted_by=None)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False, revoked_at=None),
                name="invitation_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} until {self.expires_at:%Y-%m-%d}"
