"""Who gets a message, where, and whether they want it: asked again right before it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from accounts.models import ContactConsent, ContactPurpose, Patient, User
from notifications.core.kinds import RULES, Channel, Kind, Reason
from notifications.models import Message, Suppression
from scheduling.core.states import SILENT

PURPOSES = {
    Channel.EMAIL: ContactPurpose.EMAIL_APPOINTMENTS,
    Channel.SMS: ContactPurpose.SMS_APPOINTMENTS,
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """`shared`: others can read it, so nothing that acts and no calendar part goes there."""

    address: str
    language: str
    first_name: str = ""
    shared: bool = False


class UnreachableError(Exception):
    """Nothing may be sent; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def recipient_of(message: Message) -> Recipient:
    """Where this message goes now. Raises UnreachableError. Two queries, three for a
    text."""
    if message.user is not None:
        return Recipient(message.user.email, message.user.language, message.user.name)
    patient = message.patient
    if patient is None:
        raise UnreachableError(Reason.NO_ADDRESS)
    kind, channel = Kind(message.kind), Channel(message.channel)
    if patient.status in SILENT:
        raise UnreachableError(Reason.PATIENT_STATUS)
    address = address_of(patient, channel)
    if not address and channel == Channel.EMAIL:
        raise UnreachableError(Reason.NO_ADDRESS)
    consent = ContactConsent.objects.filter(
        patient=patient, purpose=PURPOSES[channel], withdrawn_at=None
    ).first()
    if consent is None:
        raise UnreachableError(Reason.NO_CONSENT)
    if consent.address.lower() != address.lower():
        raise UnreachableError(Reason.ADDRESS_CHANGED)
    if RULES[kind].stops and consent.reminders_stopped_at is not None:
        raise UnreachableError(Reason.STOPPED)
    if is_suppressed(address):
        raise UnreachableError(Reason.ADDRESS_SUPPRESSED)
    shared = patient.user is not None and patient.user.mail_shared
    first_name = patient.preferred_name or patient.given_name
    return Recipient(address, language_of(patient), first_name, shared)


def address_of(patient: Patient, channel: Channel) -> str:
    """Where the patient reads: their own sign-in address before what the desk has written down;
    texts at the number for which they said yes. One query at most."""
    if channel == Channel.SMS:
        yes = ContactConsent.objects.filter(
            patient=patient, purpose=ContactPurpose.SMS_APPOINTMENTS, withdrawn_at=None
        ).first()
        return yes.address if yes else ""
    return patient.user.email if patient.user else patient.email


def language_of(patient: Patient) -> str:
    """What the site speaks of what the patient does: chosen by them, or else known to the desk."""
    known = [code for code, _name in settings.LANGUAGES]
    spoken = [patient.user.language] if patient.user else patient.languages
    return next((code for code in spoken if code in known), settings.LANGUAGE_CODE)


def is_suppressed(address: str) -> bool:
    """Whether mail to the address came back, or its reader complained."""
    return Suppression.objects.filter(address__iexact=address, lifted_at=None).exists()


def reader(user: User) -> Recipient:
    """A colleague, for whom a preview is made."""
    return Recipient(user.email, user.language, user.name)
