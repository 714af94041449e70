"""How a patient has agreed to be contacted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.patient import Patient


class ContactPurpose(models.TextChoices):
    EMAIL_APPOINTMENTS = "email_appointments", _("Email about appointments")
    SMS_APPOINTMENTS = "sms_appointments", _("Text messages about appointments")


class ContactConsent(models.Model):
    """One yes: for what, to which address, in which wording, and until when it held.

    A later yes or a withdrawal never changes an earlier row but for the end it sets. The address
    and the wording are kept because a yes holds for these alone.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="contact_consents")
    purpose = models.CharField(max_length=30, choices=ContactPurpose.choices)
    address = models.CharField(max_length=320)
    wording = models.CharField(max_length=20)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    #: News about visits goes on, what only reminds does not.
    reminders_stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-given_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "purpose"],
                condition=models.Q(withdrawn_at=None),
                name="contact_consent_once",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose__in=list(ContactPurpose)),
                name="contact_consent_purpose_known",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None)
                | models.Q(withdrawn_at__gte=models.F("given_at")),
                name="contact_consent_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} since {self.given_at:%Y-%m-%d}"
