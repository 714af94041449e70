"""Who gets a message, where, and whether they want it: asked again right before it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from accounts.models import ContactPurpose, Patient
from notifications.compose.known import Known
from notifications.core.address import is_address
from notifications.core.kinds import RULES, Channel, Kind, Reason
from notifications.models import Message
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


def recipient_of(message: Message, known: Known) -> Recipient:
    """Where this message goes now. Raises UnreachableError."""
    if message.user is not None and not is_address(message.user.email):
        raise UnreachableError(Reason.NO_ADDRESS)
    if message.user is not None:
        return Recipient(message.user.email, message.user.language, message.user.name)
    patient = message.patient
    if patient is None:
        raise UnreachableError(Reason.NO_ADDRESS)
    if patient.merged_into_id is not None:  # their messages follow in a moment
        patient = Patient.objects.select_related("user").get(pk=patient.merged_into_id)
    kind, channel = Kind(message.kind), Channel(message.channel)
    if patient.status in SILENT:
        raise UnreachableError(Reason.PATIENT_STATUS)
    consent = known.consents.get(PURPOSES[channel])
    email = channel == Channel.EMAIL
    if email and not is_address(email_of(patient)):
        raise UnreachableError(Reason.NO_ADDRESS)
    if consent is None:
        raise UnreachableError(Reason.NO_CONSENT)
    if email and consent.address.lower() != email_of(patient).lower():
        raise UnreachableError(Reason.ADDRESS_CHANGED)
    if RULES[kind].stops and consent.reminders_stopped_at is not None:
        raise UnreachableError(Reason.STOPPED)
    if consent.purpose in known.suppressed:
        raise UnreachableError(Reason.ADDRESS_SUPPRESSED)
    shared = patient.user is not None and patient.user.mail_shared
    first_name = patient.preferred_name or patient.given_name
    return Recipient(consent.address, language_of(patient), first_name, shared)


def email_of(patient: Patient) -> str:
    """Where the patient reads mail: their own sign-in address before what the desk has written
    down. Texts go to the number for which they said yes."""
    return patient.user.email if patient.user else patient.email


def language_of(patient: Patient) -> str:
    """What the site speaks of what the patient does: chosen by them, or else known to the desk."""
    known = [code for code, _name in settings.LANGUAGES]
    spoken = [patient.user.language] if patient.user else patient.languages
    return next((code for code in spoken if code in known), settings.LANGUAGE_CODE)
