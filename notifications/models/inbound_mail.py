"""Mails to our own address that were looked at."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from scheduling.models import Appointment


class InboundMail(models.Model):
    """One row for each mail that came in, so that none is handled twice: neither one that a mailbox
    shows again, nor one that somebody sends again. `key` is a hash of its Message-ID, or of all of
    it where it has none. Nothing of what it says is kept, and no address.

    `stamped_at`: when the calendar wrote its reply to the revision `sequence` of `appointment`.
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted"
        TENTATIVE = "tentative"
        DECLINED = "declined"
        NO_REPLY = "no_reply"
        UNREADABLE = "unreadable"
        TOO_LARGE = "too_large"
        UNKNOWN_APPOINTMENT = "unknown_appointment"
        OTHER_SENDER = "other_sender"
        OLD = "old"
        REFUSED = "refused"

    key = models.CharField(primary_key=True, max_length=64)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    appointment = models.ForeignKey(
        Appointment,
        on_delete=models.CASCADE,
        related_name="calendar_replies",
        null=True,
        blank=True,
    )
    sequence = models.PositiveIntegerField(default=0)
    stamped_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    outcome__in=[
                        *["accepted", "tentative", "declined", "no_reply", "unreadable"],
                        *["too_large", "unknown_appointment", "other_sender", "old", "refused"],
                    ]
                ),
                name="inbound_mail_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        return self.outcome
