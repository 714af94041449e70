"""How a patient hears."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.conf import settings

from accounts.models import ContactConsent, ContactPurpose
from notifications.core.kinds import BY_SMS, Channel, Kind


def channels(kind: Kind, patient: UUID, texted: Collection[UUID]) -> Iterable[Channel]:
    """How one patient hears: always by mail, by text message too where it is asked for and short
    enough."""
    yield Channel.EMAIL
    if kind in BY_SMS and patient in texted:
        yield Channel.SMS


def by_sms(patients: Collection[UUID]) -> set[UUID]:
    """Those of the patients who have asked for text messages; nobody while there is no provider.
    One query at most."""
    if not settings.SMS_PROVIDER or not patients:
        return set()
    asked = ContactConsent.objects.filter(
        patient__in=patients, purpose=ContactPurpose.SMS_APPOINTMENTS, withdrawn_at=None
    )
    return set(asked.values_list("patient", flat=True))
