"""Reminders on or off, for whoever has signed in."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.operations import contact_consent
from notifications.operations.reminders import start_reminders, stop_reminders
from scheduling.operations.actor import Actor
from scheduling.web.patient.book import first_site


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: HttpRequest) -> HttpResponse:
    """What is sent, and the one button that changes it. A colleague is reminded of nothing."""
    user = cast(User, request.user)
    patient, site = getattr(user, "patient", None), first_site()
    on = contact_consent.reminders(patient) if patient else None
    if request.method == "POST" and patient and site and on is not None:
        if request.POST.get("act") == "stop":
            stop_reminders(patient=patient, site=site, now=timezone.now())
            messages.success(request, _("We send you no more reminders."))
        elif request.POST.get("act") == "start":
            start_reminders(actor=Actor.of(user), patient=patient, now=timezone.now())
            messages.success(request, _("We remind you again."))
        return redirect("account-reminders")
    return render(request, "notifications/reminders.html", {"on": on, "site": site})
