"""What a reader does with a hold: take, confirm, prolong, give back, take again."""

from __future__ import annotations

import math
import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import ContactPurpose, Patient
from accounts.operations import contact_consent
from scheduling import proposals
from scheduling.core.refusals import Refused
from scheduling.models import CarePlan
from scheduling.operations import confirm as confirming
from scheduling.operations import extend as extending
from scheduling.operations import release as releasing
from scheduling.operations.actor import Actor
from scheduling.operations.hold import HOLD_MINUTES, Wanted, hold_course
from scheduling.operations.retake import retake as retaking
from scheduling.web.clinic_time import render_at
from scheduling.web.glance import glance
from scheduling.web.patient import glimpse, visitor
from scheduling.web.patient.access import find_plan, version
from scheduling.web.patient.book import back_to_plans
from scheduling.web.tell import tell


@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    """Hold the chosen plan whole, for the signed-in patient or for a visitor."""
    now = timezone.now()
    zone = timezone.get_default_timezone_name()
    search = request.POST.get("search", "")
    try:
        chosen = proposals.read(request.POST.get("proposal", ""), now)
        zone = chosen.site.timezone
        patient, actor = holder_of(request)
        if patient is None:
            messages.warning(request, _("Please sign in as a patient to hold a course."))
            return redirect("book")
        plan = hold_course(
            actor=actor,
            patient=patient,
            protocol_version=chosen.protocol_version,
            site=chosen.site,
            sessions={
                session.step: Wanted(session.start, session.practitioners)
                for session in chosen.sessions
            },
            blocks=chosen.blocks,
            modes=chosen.modes,
            wishes_json=chosen.wishes,
            now=now,
        )
    except Refused as refused:
        tell(request, refused, zone)
        return back_to_plans(request, search)
    return redirect("plan", plan.pk)


def holder_of(request: HttpRequest) -> tuple[Patient | None, Actor]:
    """For whom a hold is, and who asks. Staff who are no patients hold nothing here."""
    if request.user.is_authenticated:
        return visitor.own_record(request.user), Actor.of(request.user)
    patient = visitor.find_or_create(request)
    return patient, Actor.visitor(patient)


def held_page(
    request: HttpRequest, care_plan: CarePlan, actor: Actor, now: datetime
) -> HttpResponse:
    """The hold with its time left in seconds, as the server counts; or what to do when it is over.

    The page never asks the reader's clock."""
    left = (care_plan.expires_at - now).total_seconds() if care_plan.expires_at else 0
    over = care_plan.status != "held" or left <= 0
    rows = glimpse.sessions(care_plan)
    context: dict[str, Any] = {
        "plan": care_plan,
        "visitor": actor.user is None,
        "over": over,
        "given_back": care_plan.status == "released",
        "weeks": glimpse.by_week(rows),
        "glance": glance((row["day"], row["mark"]) for row in rows),
        "sessions": len(rows),
        "seconds_left": max(0, math.floor(left)),
        "minutes_left": max(0, math.ceil(left / 60)),
        "hold_seconds": HOLD_MINUTES * 60,
        "site": care_plan.site,
    }
    return render_at(request, care_plan.site, "scheduling/patient/held.html", context)


@require_POST
def confirm(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Make the held course the patient's own. A visitor signs in first and comes back."""
    care_plan, actor = find_plan(request, plan_id)
    if actor.user is None:
        back = urlencode({"next": reverse("plan", args=[plan_id])})
        return redirect(f"{reverse('account_login')}?{back}")
    if care_plan.status == "active":  # a second tap, or a second tab: it is booked already
        return redirect("plan", plan_id)
    try:
        confirming.confirm(
            actor=actor, care_plan=care_plan, version=version(request), now=timezone.now()
        )
    except Refused as refused:
        tell(request, refused, care_plan.site.timezone, care_plan)
    else:
        note_contact(request, care_plan.patient)
        messages.success(
            request,
            _(
                "Your course is reserved. Talks are confirmed; treatment times are kept for you"
                " until a prescriber has seen you. You will find everything here any time."
            ),
        )
    return redirect("plan", plan_id)


def note_contact(request: HttpRequest, patient: Patient) -> None:
    """Keep the yes to mails, if it was given. Saying nothing is a no, and books all the same."""
    if "email_ok" in request.POST and request.user.is_authenticated:
        contact_consent.give(
            patient=patient,
            purpose=ContactPurpose.EMAIL_APPOINTMENTS,
            address=request.user.email,
            now=timezone.now(),
        )


@require_POST
def extend(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Prolong the hold, once."""
    care_plan, actor = find_plan(request, plan_id)
    try:
        extending.extend(actor=actor, care_plan=care_plan, now=timezone.now())
    except Refused as refused:
        tell(request, refused, care_plan.site.timezone, care_plan)
    else:
        messages.success(request, _("You have more time now."))
    return redirect("plan", plan_id)


@require_POST
def release(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Give all times of the hold back."""
    care_plan, actor = find_plan(request, plan_id)
    try:
        releasing.release(
            actor=actor, care_plan=care_plan, version=version(request), now=timezone.now()
        )
    except Refused as refused:
        tell(request, refused, care_plan.site.timezone, care_plan)
        return redirect("plan", plan_id)
    messages.success(request, _("The times are free again. Nothing is booked."))
    return redirect("book")


@require_POST
def retake(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Hold the times of an ended hold again, if all of them are still free."""
    care_plan, actor = find_plan(request, plan_id, over=True)
    try:
        again = retaking(actor=actor, care_plan=care_plan, now=timezone.now())
    except Refused as refused:
        tell(request, refused, care_plan.site.timezone, care_plan)
        return redirect("plan", plan_id)
    messages.success(request, _("All the same times were still free. They are held again."))
    return redirect("plan", again.pk)
