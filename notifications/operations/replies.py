"""Calendars answer: accepted, not sure, declined. None of it cancels anything."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from accounts.models import ContactConsent, ContactPurpose
from notifications.calendars.reply import Reply
from notifications.channels.inbound import Inbound
from notifications.models import InboundMail
from scheduling.core.refusals import Refused
from scheduling.locks import lock_patient
from scheduling.models import Appointment, Attendance
from scheduling.operations.actor import Actor
from scheduling.operations.answer_attendance import answer_attendance

Outcome = InboundMail.Outcome
ANSWERS = {
    "ACCEPTED": Attendance.ACCEPTED,
    "TENTATIVE": Attendance.TENTATIVE,
    "DECLINED": Attendance.DECLINED,
}

log = structlog.get_logger(__name__)


def take(mail: Inbound, now: datetime) -> Outcome | None:
    """Do what the mail asks for, once however often it comes; return what became of it, or None for
    one that was seen before.

    A reply counts where it comes from the address that the patient has agreed to be written to,
    for that address, about the revision that stands. Who forges mail from there can say that the
    patient comes or does not come, and nothing else: a person calls before anything is given away.
    """
    with transaction.atomic():
        row, new = InboundMail.objects.get_or_create(
            key=mail.key, defaults={"outcome": Outcome.NO_REPLY}
        )
        if not new:
            return None
        row.outcome = _take(mail, row, now)
        row.save(update_fields=["outcome", "appointment", "sequence", "stamped_at"])
    log.info("inbound_mail", outcome=row.outcome)
    return Outcome(row.outcome)


def _take(mail: Inbound, row: InboundMail, now: datetime) -> Outcome:
    reply = mail.reply
    if reply is None:
        if mail.too_large:
            return Outcome.TOO_LARGE
        return Outcome.UNREADABLE if mail.has_calendar else Outcome.NO_REPLY
    one = _appointment(reply)
    if one is None:
        return Outcome.UNKNOWN_APPOINTMENT
    if not _is_theirs(one, reply, mail.sender):
        return Outcome.OTHER_SENDER
    answer = ANSWERS.get(reply.answer)
    if answer is None:
        return Outcome.NO_REPLY
    lock_patient(one.patient_id)
    one.refresh_from_db(fields=["sequence"])
    if reply.sequence != one.sequence:
        return Outcome.OLD
    # A calendar whose clock is fast would otherwise have the last word for as long as it is.
    stamped_at = min(reply.stamped_at, now)
    earlier = InboundMail.objects.filter(
        appointment=one, sequence=reply.sequence, stamped_at__gt=stamped_at
    )
    if earlier.exists():
        return Outcome.OLD
    try:
        answer_attendance(
            actor=Actor.by_calendar_reply(one.patient),
            appointment=one,
            answer=answer,
            sequence=reply.sequence,
            now=now,
        )
    except Refused:
        return Outcome.REFUSED
    row.appointment, row.sequence, row.stamped_at = one, reply.sequence, stamped_at
    return Outcome(answer.value)


def _appointment(reply: Reply) -> Appointment | None:
    """What the UID names. One query."""
    name, _at, domain = reply.uid.partition("@")
    if domain != settings.CALENDAR_DOMAIN:
        return None
    try:
        key = UUID(name)
    except ValueError:
        return None
    return Appointment.objects.select_related("patient__user").filter(pk=key).first()


def _is_theirs(one: Appointment, reply: Reply, sender: str) -> bool:
    """Whether it is the patient's own, and nobody else reads their mail. One query."""
    if one.patient.user is not None and one.patient.user.mail_shared:
        return False
    consents = ContactConsent.objects.filter(
        patient=one.patient, purpose=ContactPurpose.EMAIL_APPOINTMENTS, withdrawn_at=None
    )
    agreed = [address.lower() for address in consents.values_list("address", flat=True)]
    return agreed == [sender] == [reply.attendee]
