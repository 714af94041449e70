"""Book again a session that was cancelled or missed: choose a start, look at it, agree."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.models import Appointment, AppointmentStatus, CarePlan, CarePlanStatus
from scheduling.operations.actor import Actor
from scheduling.operations.rebook import rebook
from scheduling.operations.undo_cancel import undo_cancel
from scheduling.operations.write import instant
from scheduling.selectors.courses import lost_steps
from scheduling.web import words
from scheduling.web.clinic_time import render_at
from scheduling.web.patient import month
from scheduling.web.patient.access import chosen_start, version
from scheduling.web.patient.move import free_starts
from scheduling.web.patient.rows import may_book_again
from scheduling.web.patient.session import about, find_session, names_in, page_of

NEAR = timedelta(days=14)
"""How far from its old time the nearest start is looked for, beside the month that is shown."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """The nearest start and a month of others; after a choice the time; after agreement the course.

    Nothing else of the course moves. A session that stands, or that the clinic has to speak about
    first, is not booked here.
    """
    lost, care_plan = _find(request, appointment_id)
    now = timezone.now()
    user = cast(User, request.user)
    state = lost_steps(care_plan).get(lost.step)
    # Staff have spoken with the patient about whatever it was that took the session.
    possible = may_book_again(care_plan, state) or (
        user.works_here and state is not None and care_plan.status == CarePlanStatus.ACTIVE
    )
    context = about(lost, care_plan, names_in(lost, care_plan), now) | {
        "version": care_plan.version,
        "possible": possible,
    }
    start = chosen_start(request)
    if start is not None:
        agreed = "agree" in request.POST
        try:
            [booked] = rebook(
                actor=Actor.of(user),
                care_plan=care_plan,
                starts={lost.step: start},
                version=version(request),
                dry_run=not agreed,
                now=now,
            ).sessions
        except Refused as refused:
            context["refusals"] = words.about_a_time(
                refused.refusals, lost.site.timezone, words.in_course(care_plan)
            )
        else:
            if agreed:
                if user.works_here:
                    messages.success(request, _("Booked."))
                    return redirect("desk-course", care_plan.pk)
                messages.success(request, _("Booked again. Your course below is up to date."))
                return redirect("plan", care_plan.pk)
            context |= {"chosen": instant(booked.start), "until": instant(booked.end)}
    if possible and "chosen" not in context:
        context |= _choice(request, lost, start, now)
    return render_at(request, lost.site, "scheduling/patient/again.html", context)


def _find(request: HttpRequest, appointment_id: uuid.UUID) -> tuple[Appointment, CarePlan]:
    """A session of a course. Raises Http404: a visit outside of one is booked as any other."""
    found, care_plan = find_session(request, appointment_id)
    if care_plan is None:
        raise Http404
    return found, care_plan


def _choice(
    request: HttpRequest, lost: Appointment, asked: datetime | None, now: datetime
) -> dict[str, Any]:
    """A month of free starts, and the one nearest to the old time."""
    zone = lost.site.timezone
    shown = month.asked_for(request, around=asked or lost.start, now=now, zone=zone)
    starts = free_starts(
        lost,
        min(shown.start, lost.start - NEAR),
        max(shown.end, lost.start + NEAR),
        now,
        cascade=False,
    )
    return {
        "make_room": None if starts else _in_the_way(lost, now),
        "nearest": min(starts, key=lambda start: (abs(start - lost.start), start), default=None),
        "month": shown.context(one for one in starts if shown.start <= one < shown.end),
    }


def _in_the_way(lost: Appointment, now: datetime) -> Appointment | None:
    """The next session of the same service that stands: moved later, it leaves room for the lost
    one. One query."""
    standing = Appointment.objects.filter(
        care_plan=lost.care_plan_id,
        service=lost.service_id,
        status=AppointmentStatus.BOOKED,
        start__gt=max(now, lost.start),
    )
    return standing.order_by("start").first()


@login_required
@require_POST
def undo(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Take a cancellation back; where its time is gone, show what is near."""
    lost, care_plan = find_session(request, appointment_id)
    actor = Actor.of(cast(User, request.user))
    try:
        booked = undo_cancel(actor=actor, appointment=lost, now=timezone.now())
    except Refused:
        messages.warning(
            request, _("The old time could not be taken again. Nothing has been booked.")
        )
        return redirect("again" if care_plan else "visit-page", lost.pk)
    messages.success(request, _("Your session is back at its old time."))
    return redirect(*page_of(booked))
