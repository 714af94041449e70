"""Patients say yes or no to text messages, at a page or by answering one."""

from __future__ import annotations

from datetime import datetime

from accounts.models import ContactPurpose, Patient
from accounts.operations import contact_consent
from notifications.models import Suppression
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor

SMS = ContactPurpose.SMS_APPOINTMENTS
WORDING = "texts 2026-11"
"""Which wording of the question stands on the page now: `notifications/texts.html`."""
BY_TEXT = "reply START"
"""The wording of a yes that was given by text: the word itself."""


def opt_in(
    *, actor: Actor, patient: Patient, number: str, now: datetime, wording: str = WORDING
) -> None:
    """Keep the yes for the number, in E.164. A stop that this telephone has sent before stands:
    only that telephone ends it. The number by which the desk knows the patient stays: a caller is
    known by it."""

    def work() -> None:
        contact_consent.give(patient=patient, purpose=SMS, address=number, now=now, wording=wording)
        events.append(actor=actor, verb="texts_wanted", patient=patient, now=now)

    atomic.run(work)


def opt_out(*, actor: Actor, patient: Patient, now: datetime) -> bool:
    """End the yes, at once. Whether there was one."""

    def work() -> bool:
        ended = contact_consent.withdraw(patient=patient, purpose=SMS, now=now)
        if ended:
            events.append(actor=actor, verb="texts_stopped", patient=patient, now=now)
        return ended

    return atomic.run(work)


def is_stopped(number: str) -> bool:
    """Whether that telephone has said STOP, and not START since."""
    return Suppression.objects.filter(address=number, reason="stop", lifted_at=None).exists()
