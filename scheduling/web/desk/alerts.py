"""Who needs a call now: take it on, and say what was done."""

from __future__ import annotations

import uuid
from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.models import Escalation
from scheduling.operations import escalate
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.tell import tell

ENDED_SHOWN = 20


class ActionForm(forms.Form):
    """What a clinician did."""

    action = forms.CharField(
        label=gettext_lazy("What was done"),
        help_text=gettext_lazy("Whom you reached, what you agreed, and what comes next."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@for_whom_may(Action.VIEW_ALERTS)
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """The open ones, oldest first, and the last that ended."""
    rows = Escalation.objects.select_related("patient", "site", "holder", "acknowledged_by")
    open_ones = list(rows.filter(ended_at=None))
    ended = list(rows.exclude(ended_at=None).order_by("-ended_at")[:ENDED_SHOWN])
    context = {"open": open_ones, "ended": ended}
    return render(request, "scheduling/desk/alerts.html", context)


@for_whom_may(Action.VIEW_ALERTS)
@require_http_methods(["GET", "HEAD", "POST"])
def alert(request: HttpRequest, alert_id: uuid.UUID) -> HttpResponse:
    """One alert: whom to call, who has it, and the form that ends it. POST ends it."""
    rows = Escalation.objects.select_related(
        "patient", "site", "holder", "acknowledged_by", "ended_by", "care_plan"
    )
    found = get_object_or_404(rows, pk=alert_id)
    user = cast(User, request.user)
    form = ActionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            escalate.end_alert(
                actor=Actor.of(user),
                alert=found,
                action=form.cleaned_data["action"],
                now=timezone.now(),
            )
        except Refused as refused:
            tell(request, refused, found.site.timezone)
        else:
            messages.success(request, _("Recorded. The alert has ended."))
            return redirect("alerts")
    context = {
        "alert": found,
        "form": form,
        "may_end": may(user, Action.END_ALERT),
        "may_read": may(user, Action.READ_ANSWERS),
    }
    return render_at(request, found.site, "scheduling/desk/alert.html", context)


@for_whom_may(Action.ACKNOWLEDGE_ALERT)
@require_POST
def acknowledge(request: HttpRequest, alert_id: uuid.UUID) -> HttpResponse:
    """Take the alert on."""
    found = get_object_or_404(Escalation.objects.select_related("site", "patient"), pk=alert_id)
    try:
        escalate.acknowledge(
            actor=Actor.of(cast(User, request.user)), alert=found, now=timezone.now()
        )
    except Refused as refused:
        tell(request, refused, found.site.timezone)
    else:
        messages.success(request, _("It is yours. Please call now."))
    return redirect("alert", alert_id)
