"""A person who is treated: with a login, without one, or a visitor who has not signed in yet."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _


class PatientStatus(models.TextChoices):
    """The last three stop messages at once and hand future sessions to a person."""

    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Inactive")
    IN_HOSPITAL = "in_hospital", _("In hospital")
    DO_NOT_CONTACT = "do_not_contact", _("Do not contact")
    DECEASED = "deceased", _("Deceased")


class Patient(models.Model):
    """`visitor_key` is set while the row belongs to a visitor's hold: the hash of a secret that
    only that visitor's browser session knows. Signing in claims the row and empties the field.

    `may_tell` is what the patient allows the clinic to say, and to whom: staff read it before they
    speak. `merged_into`: another record of the same person holds everything; this one is found no
    more. `patient_words_trigram`, an index of the database, finds a patient by any word."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="patient",
        null=True,
        blank=True,
    )
    visitor_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    given_name = models.CharField(max_length=300, blank=True)
    family_name = models.CharField(max_length=300, blank=True)
    preferred_name = models.CharField(max_length=300, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    access_needs = ArrayField(models.SlugField(max_length=40), default=list, blank=True)
    may_tell = models.TextField(blank=True, default="", db_default="")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="merged", null=True, blank=True
    )
    status = models.CharField(
        max_length=20, choices=PatientStatus.choices, default=PatientStatus.ACTIVE
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=list(PatientStatus)), name="patient_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(visitor_key=None) | models.Q(user=None),
                name="patient_visitor_has_no_login",
            ),
        ]
        indexes = [
            models.Index(fields=["birth_date"], name="patient_birth_date"),
            models.Index(Upper("email"), name="patient_email_upper"),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}".strip() or "Visitor"
