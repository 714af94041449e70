"""The ledger: one row for each message to each person, whatever becomes of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.models import Patient
from notifications.core.kinds import Channel, Kind, Status
from scheduling.models import Appointment, CarePlan, Site


def _choices(codes: type[Kind] | type[Status] | type[Channel]) -> list[tuple[str, str]]:
    return [(code.value, code.value) for code in codes]


class Message(models.Model):
    """Written once for each (kind, subject, revision, recipient, channel): the database refuses a
    second. What is sent never goes back to be sent; a trigger (`message_goes_forward`) holds that.

    `sequence` is the calendar revision it tells of: an appointment's own, or for a course the sum
    over its sessions (`operations.revisions`). `topic` tells messages apart that have neither, such
    as an offer or a day; `copy` counts what staff have sent again.

    `facts` are what the message is about (ids and times, no words). `told` is filled when it is
    sent: the sequence of each session that it spoke of. `text` is what the reader saw, without the
    links that act.

    While it is sent its sender holds the row's lock: a row `sending` that nobody holds belongs to a
    sender that died. `claimed_at` is the database's clock.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=_choices(Kind))
    channel = models.CharField(max_length=8, choices=_choices(Channel), default=Channel.EMAIL)
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="messages", null=True, blank=True
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="messages",
        null=True,
        blank=True,
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", db_index=False)
    care_plan = models.ForeignKey(
        CarePlan, on_delete=models.PROTECT, related_name="messages", null=True, blank=True
    )
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="messages", null=True, blank=True
    )
    topic = models.CharField(max_length=60, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    copy = models.PositiveSmallIntegerField(default=0)
    facts = models.JSONField(default=dict, blank=True)

    status = models.CharField(
        max_length=12, choices=_choices(Status), default=Status.SCHEDULED.value
    )
    due_at = models.DateTimeField()
    reason = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)

    address = models.CharField(max_length=320, blank=True)
    language = models.CharField(max_length=10, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    told = models.JSONField(default=dict, blank=True)
    provider_id = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *["kind", "channel", "patient", "user", "care_plan", "appointment"],
                    *["topic", "sequence", "copy"],
                ],
                nulls_distinct=False,
                name="message_once",
            ),
            models.CheckConstraint(
                condition=models.Q(patient__isnull=False, user=None)
                | models.Q(patient=None, user__isnull=False),
                name="message_has_one_recipient",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=list(Kind)), name="message_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=list(Status)), name="message_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=list(Channel)), name="message_channel_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status=Status.SENT)
                | (models.Q(sent_at__isnull=False) & ~models.Q(address="")),
                name="message_sent_when_and_where",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=Status.SENDING) | models.Q(claimed_at__isnull=False),
                name="message_sending_is_claimed",
            ),
            models.CheckConstraint(
                condition=~models.Q(
                    status__in=[
                        *[Status.FAILED, Status.AMBIGUOUS, Status.BOUNCED],
                        *[Status.CANCELLED, Status.SUPPRESSED],
                    ]
                )
                | ~models.Q(reason=""),
                name="message_says_why_not",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(status="scheduled"), name="message_due"
            ),
            models.Index(
                fields=["claimed_at"], condition=models.Q(status="sending"), name="message_claimed"
            ),
            models.Index(
                fields=["provider_id"],
                condition=~models.Q(provider_id=""),
                name="message_provider_id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def message_id(self) -> str:
        """RFC 5322's Message-ID: the same however often it is tried."""
        return f"<{self.pk}@{settings.CALENDAR_DOMAIN}>"
