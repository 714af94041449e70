"""Record that a patient may be contacted, or may not any more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import ContactConsent, ContactPurpose, Patient

WORDING = "2026-11"
"""Which wording of the question stands on the page now: `scheduling/patient/_contact.html`."""


def give(
    *,
    patient: Patient,
    purpose: ContactPurpose,
    address: str,
    now: datetime,
    wording: str = WORDING,
) -> ContactConsent:
    """Keep the patient's yes. The same yes again changes nothing; one to another address, or in
    another wording, ends the older and begins anew; reminders that were stopped stay so."""
    with transaction.atomic():
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        standing = _standing(patient, purpose)
        if standing is not None:
            if (standing.address, standing.wording) == (address, wording):
                return standing
            standing.withdrawn_at = now
            standing.save(update_fields=["withdrawn_at"])
        return ContactConsent.objects.create(
            patient=patient,
            purpose=purpose,
            address=address,
            wording=wording,
            given_at=now,
            reminders_stopped_at=standing.reminders_stopped_at if standing else None,
        )


def withdraw(*, patient: Patient, purpose: ContactPurpose, now: datetime) -> bool:
    """End a yes. Whether there was one."""
    found = ContactConsent.objects.filter(patient=patient, purpose=purpose, withdrawn_at=None)
    return bool(found.update(withdrawn_at=now))


def stop_reminders(*, patient: Patient, now: datetime) -> bool:
    """Send nothing more that only reminds; news about visits goes on. Whether there was something
    to stop."""
    return _remind(patient, stopped=False, at=now)


def start_reminders(*, patient: Patient) -> bool:
    """Take that back. Whether there was something to take back."""
    return _remind(patient, stopped=True, at=None)


def reminders(patient: Patient) -> bool | None:
    """Whether the patient is reminded; None for somebody who may not be written to. One query."""
    rows = ContactConsent.objects.filter(patient=patient, withdrawn_at=None)
    stopped = list(rows.values_list("reminders_stopped_at", flat=True))
    return any(at is None for at in stopped) if stopped else None


def given(patient: Patient, purpose: ContactPurpose) -> bool:
    """Whether the patient may be contacted so. One query."""
    return _standing(patient, purpose) is not None


def _remind(patient: Patient, *, stopped: bool, at: datetime | None) -> bool:
    found = ContactConsent.objects.filter(
        patient=patient, withdrawn_at=None, reminders_stopped_at__isnull=not stopped
    )
    return bool(found.update(reminders_stopped_at=at))


def _standing(patient: Patient, purpose: ContactPurpose) -> ContactConsent | None:
    rows = ContactConsent.objects.filter(patient=patient, purpose=purpose, withdrawn_at=None)
    return rows.first()
