"""A visit outside a course: while it is held, and once it is booked."""

from __future__ import annotations

import math
import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scheduling.core.refusals import Refused
from scheduling.models import Appointment
from scheduling.operations import extend as extending
from scheduling.operations.actor import Actor
from scheduling.operations.confirm_visit import confirm_visit
from scheduling.operations.hold import HOLD_MINUTES
from scheduling.operations.hold_visit import give_back
from scheduling.querysets import appointments_for
from scheduling.selectors.undo import undo_deadline
from scheduling.web.clinic_time import render_at
from scheduling.web.patient import keys
from scheduling.web.patient.access import version, whose
from scheduling.web.patient.hold import note_contact
from scheduling.web.patient.rows import STATES, practitioner
from scheduling.web.tell import tell


@require_safe
def page(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """The visit as it stands."""
    visit, actor = _find(request, appointment_id)
    now = timezone.now()
    left = (visit.expires_at - now).total_seconds() if visit.expires_at else 0
    held = visit.status == "held" and left > 0
    ended = visit.status in ("expired", "released") or (visit.status == "held" and not held)
    context = {
        "visit": visit,
        "key": keys.key(visit.service_id),
        "visitor": actor.user is None,
        "held": held,
        "over": ended,
        "state": "" if held or ended else STATES[visit.status],
        "answerable": visit.status == "booked" and visit.start > now,
        "undo_until": undo_deadline(visit, now) if visit.status == "cancelled" else None,
        "minutes": int((visit.end - visit.start).total_seconds() // 60),
        "practitioner": practitioner(visit) if visit.site.names_people else "",
        "seconds_left": max(0, math.floor(left)),
        "minutes_left": max(0, math.ceil(left / 60)),
        "hold_seconds": HOLD_MINUTES * 60,
        "site": visit.site,
    }
    return render_at(request, visit.site, "scheduling/patient/visit_page.html", context)


@require_POST
def book(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Book what is held. A visitor signs in first and comes back."""
    visit, actor = _find(request, appointment_id)
    if actor.user is None:
        back = urlencode({"next": reverse("visit-page", args=[appointment_id])})
        return redirect(f"{reverse('account_login')}?{back}")
    if visit.status == "booked":  # a second tap, or a second tab
        return redirect("visit-page", appointment_id)
    try:
        confirm_visit(actor=actor, appointment=visit, version=version(request), now=timezone.now())
    except Refused as refused:
        tell(request, refused, visit.site.timezone)
    else:
        note_contact(request, visit.patient)
        messages.success(request, _("Your visit is booked."))
    return redirect("visit-page", appointment_id)


@require_POST
def extend(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Prolong the hold, once."""
    visit, actor = _find(request, appointment_id)
    try:
        extending.extend(actor=actor, appointment=visit, now=timezone.now())
    except Refused as refused:
        tell(request, refused, visit.site.timezone)
    else:
        messages.success(request, _("You have more time now."))
    return redirect("visit-page", appointment_id)


@require_POST
def release(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Give the time back. A visit that was booked meanwhile stays."""
    visit, actor = _find(request, appointment_id)
    if visit.status not in ("held", "expired", "released"):
        return redirect("visit-page", appointment_id)
    try:
        give_back(actor=actor, appointment=visit, now=timezone.now())
    except Refused as refused:
        tell(request, refused, visit.site.timezone)
        return redirect("visit-page", appointment_id)
    messages.success(request, _("The time is free again. Nothing is booked."))
    return redirect("book")


def _find(request: HttpRequest, appointment_id: uuid.UUID) -> tuple[Appointment, Actor]:
    """The visit, if it belongs to no course and this person may see it. Raises Http404."""
    holder, actor = whose(request)
    rows = appointments_for(request.user) if holder is None else holder.appointments.all()
    found = (
        rows.select_related("site", "service", "patient")
        .prefetch_related("reservations__resource")
        .filter(pk=appointment_id, care_plan=None)
        .first()
    )
    if found is None:
        raise Http404
    return found, actor
