"""Who was told what: each message of a patient, why it went out or not, and sending it again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, cast

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from notifications.compose.known import Known, known_of
from notifications.compose.recipient import UnreachableError, recipient_of
from notifications.core.kinds import Kind, Reason, Status
from notifications.models import Message
from notifications.operations.again import OPEN, say_what_became, send_again
from notifications.querysets import messages_for
from notifications.wording import KINDS, REASONS, STATUSES
from scheduling.core.refusals import Refused
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.panel import render_panel
from scheduling.web.desk.patient import is_identified, patient_of
from scheduling.web.desk.sites import site_of
from scheduling.web.tell import tell

SHOWN = 200
UNSETTLED = (Status.AMBIGUOUS, Status.FAILED, Status.BOUNCED)


@for_whom_may(Action.FIND_PATIENTS)
@require_safe
def messages_of(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Every message to one patient, newest first, once the caller has shown who they are."""
    patient = patient_of(request, patient_id)
    if not is_identified(request, patient):
        return redirect("desk-patient", patient_id)
    rows = messages_for(cast(User, request.user)).filter(patient=patient)
    shown = rows.select_related("patient__user")[:SHOWN]
    context = {"patient": patient, "rows": _rows(shown)}
    return render_panel(request, site_of(request), "notifications/desk/messages.html", context)


@for_whom_may(Action.SEND_AGAIN)
@require_safe
def unsettled(request: HttpRequest) -> HttpResponse:
    """Messages about which a person has to decide, whoever they are to."""
    rows = Message.objects.filter(status=Status.AMBIGUOUS, patient__isnull=False)
    shown = rows.select_related("patient").order_by("due_at")[:SHOWN]
    context = {"patient": None, "rows": _rows(shown)}
    return render_panel(request, site_of(request), "notifications/desk/messages.html", context)


@for_whom_may(Action.FIND_PATIENTS)
@require_safe
def message(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """One message: what it said, to which address, and what became of it."""
    found = _message(request, message_id)
    if found.patient is not None and not _may_read(request, found):
        return redirect("desk-patient", found.patient_id)
    acts = may(cast(User, request.user), Action.SEND_AGAIN)
    context: dict[str, Any] = {
        "found": found,
        "row": _rows([found])[0],
        "may_send": acts and found.status not in OPEN,
        "may_settle": acts and found.status == Status.AMBIGUOUS,
    }
    return render_panel(request, found.site, "notifications/desk/message.html", context)


@for_whom_may(Action.SEND_AGAIN)
@require_POST
def again(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """Send it again, as it would be said today."""
    found = _message(request, message_id)
    actor = Actor.of(cast(User, request.user))
    try:
        made = send_again(actor=actor, message=found, now=timezone.now())
    except Refused as refused:
        tell(request, refused, found.site.timezone)
        return redirect("desk-message", message_id)
    notes.success(request, _("It goes out within a minute."))
    return redirect("desk-message", made.pk)


@for_whom_may(Action.SEND_AGAIN)
@require_POST
def settle(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """Say whether it has arrived."""
    found = _message(request, message_id)
    try:
        say_what_became(
            actor=Actor.of(cast(User, request.user)),
            message=found,
            arrived=request.POST.get("arrived") == "yes",
            now=timezone.now(),
        )
    except Refused as refused:
        tell(request, refused, found.site.timezone)
    else:
        notes.success(request, _("Noted."))
    return redirect("desk-message", message_id)


def _message(request: HttpRequest, message_id: uuid.UUID) -> Message:
    rows = messages_for(cast(User, request.user)).select_related("patient__user", "user", "site")
    return get_object_or_404(rows, pk=message_id)


def _may_read(request: HttpRequest, found: Message) -> bool:
    """Whoever decides about it reads it before they call."""
    identified = found.patient is not None and is_identified(request, found.patient)
    return identified or found.status in UNSETTLED


def _rows(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """One query more where something of theirs still waits. All waiting are one patient's."""
    shown = list(messages)
    waiting = [one for one in shown if one.status == Status.SCHEDULED]
    known = known_of(waiting[0]) if waiting else None
    obstacles = {one.pk: _obstacle(one, known) for one in waiting if known}
    return [_row(one, obstacles.get(one.pk)) for one in shown]


def _obstacle(message: Message, known: Known) -> Reason | None:
    """Why it would not go out if it were due now."""
    try:
        recipient_of(message, known)
    except UnreachableError as error:
        return error.reason
    return None


def _row(one: Message, obstacle: Reason | None) -> dict[str, Any]:
    reason = obstacle or one.reason
    return {
        "id": one.pk,
        "kind": KINDS[Kind(one.kind)],
        "status": one.status,
        "words": _("will not be sent") if obstacle else STATUSES[Status(one.status)],
        "why": REASONS[Reason(reason)] if reason else "",
        "channel": one.channel,
        "address": one.address,
        "at": one.sent_at or one.due_at,
        "copy": one.copy,
        "patient": one.patient,
        "good": one.status == Status.SENT,
        "bad": one.status in UNSETTLED,
    }
