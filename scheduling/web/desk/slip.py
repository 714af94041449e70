"""A visit runs over or its patient comes late: what that does to the day, and accepting it."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.models import Appointment, Resource
from scheduling.operations.absorb_delay import absorb_delay, mark
from scheduling.operations.actor import Actor
from scheduling.operations.run_late import LONGEST
from scheduling.operations.write import instant
from scheduling.permissions import Action
from scheduling.selectors.day_visits import Delay, delay
from scheduling.web import words
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.board import appointment_of
from scheduling.web.desk.panel import render_panel
from scheduling.web.desk.visit import name_of


@for_whom_may(Action.TRANSITION)
@require_http_methods(["GET", "HEAD", "POST"])
def slip(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """`?minutes=`: the effect first; POST accepts exactly what was shown."""
    found, now = appointment_of(appointment_id), timezone.now()
    said = request.POST if request.method == "POST" else request.GET
    typed = said.get("minutes", "")
    minutes = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
    context: dict[str, Any] = {"visit": found, "patient": found.patient, "name": name_of(found)}
    if request.method == "POST" and "agree" in request.POST:
        try:
            absorb_delay(
                actor=Actor.of(cast(User, request.user)),
                appointment=found,
                minutes=minutes,
                seen=request.POST.get("seen", ""),
                now=now,
            )
        except Refused as refused:
            context["refusals"] = [
                words.sentence(one, found.site.timezone, words.in_none) for one in refused.refusals
            ]
        else:
            messages.success(request, _("The day is put right."))
            return redirect("desk-visit", appointment_id)
    if 0 < minutes <= LONGEST:
        context |= _effect(found, delay(found, minutes, now))
    context["minutes"] = minutes or 15
    return render_panel(request, found.site, "scheduling/desk/slip.html", context)


def _effect(found: Appointment, seen: Delay) -> dict[str, Any]:
    known = {str(one.pk): one.name for one in Resource.objects.filter(site=found.site_id)}
    rows = []
    for one in seen.outcome.slips:
        appointment = seen.appointments[one.id]
        before = {str(row.resource_id) for row in appointment.reservations.all()}
        rows.append(
            {
                "patient": appointment.patient,
                "before": instant(one.before),
                "after": instant(one.after),
                "wait": one.wait,
                "overtime": one.overtime,
                "elsewhere": sorted({known[unit] for unit in one.units if unit not in before}),
                "own": appointment.pk == found.pk,
            }
        )
    return {"slips": rows, "seen": mark(seen), "shown": True, "over": seen.over}
