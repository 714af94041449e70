"""What comes back from a telephone: STOP is obeyed at once, the rest is given to a person."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import ContactConsent, Patient
from notifications.compose.recipient import language_of
from notifications.core.replies import Reply, read
from notifications.models import Message, ProviderEvent, Suppression
from notifications.operations.suppress import suppress
from notifications.operations.text_consent import BY_TEXT, SMS, opt_in, opt_out
from scheduling.core.roles import Role
from scheduling.models import Site, StaffTask
from scheduling.operations.actor import Actor
from scheduling.operations.staff_tasks import open_task

STOPPED = "texts_stopped"
ANSWERED = "text_answered"
LONGEST = 500
"""Characters of an answer that are shown to the desk."""


def take(*, event_id: str, number: str, text: str, now: datetime) -> str:
    """Do what the text asks for, and return what may be answered, once, or nothing. The same event
    again does nothing. `number` is in E.164."""
    reply = read(text)
    key = sha256(f"sms\n{event_id}".encode()).hexdigest()
    with transaction.atomic():
        _event, new = ProviderEvent.objects.get_or_create(
            key=key, defaults={"source": "sms", "report": reply.value, "at": now}
        )
        if not new:
            return ""
        if reply == Reply.STOP:
            return _stop(number, now)
        if reply == Reply.START:
            return _start(number, now)
        patients = _patients(number)
        if reply == Reply.HELP:
            return _help(patients)
        for patient in patients:
            _ask(ANSWERED, patient, now, text.strip()[:LONGEST])
        return ""


def _stop(number: str, now: datetime) -> str:
    """No number is texted after it, whoever it belongs to; the answer is the last text."""
    patients = _patients(number)
    known = Suppression.objects.filter(address=number, lifted_at=None).exists()
    suppress(number, "stop")
    for patient in patients:
        opt_out(actor=_by_text(patient), patient=patient, now=now)
        _ask(STOPPED, patient, now)
    if known:
        return ""
    with translation.override(language_of(patients[0]) if patients else None):
        return _("You get no more texts from us. We will call instead. Reply START to get texts.")


def _start(number: str, now: datetime) -> str:
    """Texts again, for whom this telephone itself had stopped them; a telephone that never said yes
    says it at the page."""
    stopped = Suppression.objects.filter(address=number, reason="stop", lifted_at=None)
    if not stopped.update(lifted_at=now):
        return ""
    patients = _patients(number, stopped=True)
    for patient in patients:
        opt_in(actor=_by_text(patient), patient=patient, number=number, now=now, wording=BY_TEXT)
        StaffTask.objects.filter(kind=STOPPED, patient=patient, finished_at=None).update(
            finished_at=now, outcome="not_needed"
        )
    if not patients:
        return ""
    with translation.override(language_of(patients[0])):
        return _("You get texts about your visits again. Reply STOP to end them.")


def _help(patients: list[Patient]) -> str:
    if not patients:
        return ""
    site = _site_of(patients[0])
    with translation.override(language_of(patients[0])):
        return _("%(clinic)s: call %(phone)s. Reply STOP to end texts.") % {
            "clinic": site.neutral_name,
            "phone": site.phone,
        }


def _patients(number: str, *, stopped: bool = False) -> list[Patient]:
    """Who said yes to texts at that number; with `stopped` those whose yes for it is over, and who
    have not said yes to another since."""
    consents = ContactConsent.objects.filter(purpose=SMS, address=number)
    consents = consents.filter(withdrawn_at__isnull=not stopped)
    found = Patient.objects.filter(pk__in=consents.values("patient"), merged_into=None)
    if stopped:
        standing = ContactConsent.objects.filter(purpose=SMS, withdrawn_at=None)
        found = found.exclude(pk__in=standing.values("patient"))
    return list(found.select_related("user").order_by("created_at"))


def _ask(kind: str, patient: Patient, now: datetime, note: str = "") -> None:
    """One open task a patient; what else is written joins it."""
    task = open_task(kind, Role.FRONT_DESK, site=_site_of(patient), patient=patient, now=now)
    if note:
        task = StaffTask.objects.select_for_update(no_key=True).get(pk=task.pk)
        task.facts = {**task.facts, "notes": [*task.facts.get("notes", ()), note]}
        task.save(update_fields=["facts"])


def _site_of(patient: Patient) -> Site:
    """Where they were last written from."""
    last = Message.objects.filter(patient=patient).order_by("-created_at").select_related("site")
    message = last.first()
    return message.site if message else Site.objects.filter(active=True).order_by("slug")[0]


def _by_text(patient: Patient) -> Actor:
    """Whoever holds the telephone; no more is known of them."""
    return Actor(None, "text_message", frozenset({Role.PATIENT}), patient.pk)
