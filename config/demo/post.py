"""What the demo's people have agreed to, and were told before anybody looked."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import ContactConsent, ContactPurpose, Patient
from accounts.operations.contact_consent import WORDING
from notifications.compose.known import known_of
from notifications.compose.letter import Drop, Letter, Wait
from notifications.compose.write import write
from notifications.core.kinds import Status
from notifications.models import Message
from notifications.operations.collect import collect_all
from notifications.operations.due_forms import write_due_forms
from notifications.operations.schedule import schedule

CONSENTING = 0.9
"""The rest is called: the desk's list shows whom."""


def agree(now: datetime) -> None:
    """Most patients with an address have agreed to mail about their appointments."""
    chance = random.Random(3)  # noqa: S311 - the same clinic every time, no secret
    ContactConsent.objects.bulk_create(
        ContactConsent(
            patient=one,
            purpose=ContactPurpose.EMAIL_APPOINTMENTS,
            address=one.email,
            wording=WORDING,
            given_at=now - timedelta(days=60),
        )
        for one in Patient.objects.exclude(email="").order_by("created_at", "id")
        if one.user_id is not None or chance.random() < CONSENTING
    )


def catch_up(now: datetime) -> None:
    """Bring the ledger to where it would be, had it run all the time: what is due counts as sent,
    without a mail."""
    collect_all(now)
    schedule(now)
    write_due_forms(now)
    due = Message.objects.filter(status=Status.SCHEDULED, due_at__lte=now).select_related(
        *("patient__user", "user", "site", "care_plan", "appointment__site", "appointment__service")
    )
    for message in due.order_by("due_at"):
        with transaction.atomic():
            _count_as_sent(message, now)


def _count_as_sent(message: Message, now: datetime) -> None:
    row = Message.objects.filter(pk=message.pk)
    match write(message, known_of(message), now, None):
        case Letter() as letter:
            row.update(status=Status.SENDING, claimed_at=now)
            row.update(
                status=Status.SENT,
                sent_at=message.due_at,
                address=letter.recipient.address,
                language=letter.recipient.language,
                subject=letter.subject,
                text=letter.kept,
                told=letter.told,
            )
        case Drop(status=status, reason=reason):
            row.update(status=status, reason=reason)
        case Wait(until=until):
            row.update(due_at=until)
