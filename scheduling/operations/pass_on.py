"""An alert that nobody answers goes on to the next; whoever has it is told. For the sweep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import structlog
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.mail_html import as_html
from scheduling.models import Escalation
from scheduling.operations.actor import Actor
from scheduling.operations.escalate import (
    ANSWER_WITHIN,
    OPEN,
    next_on_call,
    recipients,
    record,
)

log = structlog.get_logger(__name__)


def pass_on(now: datetime) -> int:
    """Hand on what was not acknowledged, or not acted on, in time; return how many. However many
    sweeps run, each alert goes on once: the row is locked and looked at again."""
    due = Q(passes_at__lte=now, **OPEN)
    handed = 0
    for alert in _each(due):
        following = next_on_call(alert.site, alert.place)
        alert.holder = following.user if following else None
        alert.place = following.place if following else alert.place
        alert.passes_at = now + ANSWER_WITHIN if following else None
        alert.acknowledged_by = alert.acknowledged_at = alert.told_at = None
        alert.save()
        record("alert_passed_on", alert, Actor.sweep(), now)
        handed += 1
    return handed


def tell_on_call(now: datetime) -> int:
    """Write to whoever has an alert and was not told yet; return how many alerts that were.

    An alert is marked as told after the mail has gone: after a crash in between somebody is told
    twice, never not at all.
    """
    told = 0
    for alert in _each(Q(told_at=None, **OPEN)):
        people = recipients(alert)
        for person in people:
            with translation.override(person.language):
                subject = _("Please sign in now")
                text = _(
                    "Somebody needs a call from the clinic. It cannot wait.\n\n"
                    "Sign in and open Alerts. When you do not take it on soon, the next person"
                    " is asked."
                )
                html = as_html(subject, text)
                send_mail(subject, text, None, [person.email], html_message=html)
        if not people:
            log.error("alert_reaches_nobody", alert=str(alert.pk))
            continue
        Escalation.objects.filter(pk=alert.pk).update(told_at=now)
        told += 1
    return told


def _each(which: Q) -> Iterator[Escalation]:
    """The alerts one by one, each locked in a transaction of its own; one that another sweep is
    at is passed over."""
    keys: list[UUID] = list(Escalation.objects.filter(which).values_list("pk", flat=True))
    for key in keys:
        with transaction.atomic():
            rows = Escalation.objects.select_for_update(skip_locked=True, of=("self",))
            alert = rows.filter(which, pk=key).select_related("site", "patient").first()
            if alert is not None:
                yield alert
