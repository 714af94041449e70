"""Two records of one person: side by side, then one; and back again."""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.models import Event
from scheduling.operations.actor import Actor
from scheduling.operations.merge_patients import (
    MERGED,
    merge_patients,
    unmerge_patients,
    what_moves,
)
from scheduling.permissions import Action
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.panel import render_panel
from scheduling.web.desk.patient import patient_of
from scheduling.web.desk.sites import site_of
from scheduling.web.tell import tell

WORDS = {
    "care_plans": gettext_lazy("Courses"),
    "appointments": gettext_lazy("Visits"),
    "tasks": gettext_lazy("Tasks"),
    "waits": gettext_lazy("Wishes on the waitlist"),
    "alerts": gettext_lazy("Alerts"),
    "consents": gettext_lazy("Consents to be contacted"),
    "invitations": gettext_lazy("Invitations"),
}


@for_whom_may(Action.INVITE_PATIENT)
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, patient_id: uuid.UUID, other_id: uuid.UUID) -> HttpResponse:
    """What would move first. POST makes the other one part of this one."""
    keep, duplicate = patient_of(request, patient_id), patient_of(request, other_id)
    site = site_of(request)
    if request.method == "POST":
        try:
            merge_patients(
                actor=Actor.of(cast(User, request.user)),
                keep=keep,
                duplicate=duplicate,
                now=timezone.now(),
            )
        except Refused as refused:
            tell(request, refused, site.timezone)
        else:
            messages.success(request, _("They are one record now. You can take it back below."))
            return redirect("desk-patient", patient_id)
    moves = what_moves(duplicate)
    context = {
        "keep": keep,
        "duplicate": duplicate,
        "moves": [(words, moves[name]) for name, words in WORDS.items()],
    }
    return render_panel(request, site, "scheduling/desk/merge.html", context)


@for_whom_may(Action.INVITE_PATIENT)
@require_POST
def unmerge(request: HttpRequest, patient_id: uuid.UUID, event_id: int) -> HttpResponse:
    """Two records again."""
    keep = patient_of(request, patient_id)
    found = get_object_or_404(Event, pk=event_id, patient=keep, verb=MERGED)
    if event_id > 2**62:
        raise Http404
    try:
        apart = unmerge_patients(
            actor=Actor.of(cast(User, request.user)), merged=found, now=timezone.now()
        )
    except Refused as refused:
        tell(request, refused, site_of(request).timezone)
        return redirect("desk-patient", patient_id)
    messages.success(request, _("Two records again."))
    return redirect("desk-patient", apart.pk)
