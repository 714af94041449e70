"""The courses of a patient: all of them, and one week by week."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from scheduling.models import CarePlan
from scheduling.querysets import care_plans_for
from scheduling.selectors.my_changes import my_changes
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.access import find_plan
from scheduling.web.patient.hold import held_page
from scheduling.web.patient.overview import overview
from scheduling.web.patient.rows import GONE
from scheduling.web.patient.visits import visits_ahead
from scheduling.web.patient.waitlist import waits_of

PLAN_STATES = {
    "held": _("Held for you"),
    "active": _("Under way"),
    "on_hold": _("Paused"),
    "completed": _("Completed"),
    "revoked": _("Ended"),
    "expired": _("Hold ended"),
    "released": _("Given back"),
}


@login_required
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """All courses of the signed-in patient, newest first, and the visits outside of them."""
    now = timezone.now()
    mine = list(
        care_plans_for(request.user)
        .filter(patient__user=cast(User, request.user))  # who works here finds others on the board
        .exclude(status__in=GONE)
        .select_related("protocol_version__protocol", "site")
        .prefetch_related("appointments")[:50]
    )
    rows = [
        {
            "id": plan.pk,
            "title": gettext(plan.protocol_version.protocol.title),
            "state": PLAN_STATES[plan.status],
            "sessions": plan.sessions,
            "next": min(
                (
                    appointment.start
                    for appointment in plan.appointments.all()
                    if appointment.status in ("held", "booked") and appointment.start >= now
                ),
                default=None,
            ),
        }
        for plan in mine
    ]
    visits = visits_ahead(cast(User, request.user), now)
    waits = waits_of(cast(User, request.user))
    context: dict[str, Any] = {"plans": rows, "visits": visits, "waits": waits}
    sites = [
        *(plan.site for plan in mine),
        *(visit["site"] for visit in visits),
        *(one["site"] for one in waits),
    ]
    if not sites:
        return render(request, "scheduling/patient/plans.html", context)
    return render_at(request, sites[0], "scheduling/patient/plans.html", context)


@require_safe
def plan(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """The course week by week. A visitor who has just signed in takes their hold along."""
    care_plan, actor = find_plan(request, plan_id, over=True)
    now = timezone.now()
    if care_plan.status in ("held", *GONE):
        return held_page(request, care_plan, actor, now)
    own = _is_reader(request, care_plan)
    changed = my_changes(care_plan) if own else None
    context: dict[str, Any] = {
        "plan": care_plan,
        "visitor": actor.user is None,
        "unanswered": changed is not None and changed.accepted is None and changed.ahead(now),
        "may_wait": own and care_plan.status == "active",
        "waits": waits_of(cast(User, request.user), care_plan) if own else [],
        **overview(care_plan, now, own=own),
    }
    return render_at(request, care_plan.site, "scheduling/patient/plan.html", context)


def _is_reader(request: HttpRequest, care_plan: CarePlan) -> bool:
    return request.user.is_authenticated and care_plan.patient.user_id == request.user.pk
