"""The courses of a patient: all of them, and one week by week."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from scheduling.core import walltime
from scheduling.models import CarePlan
from scheduling.operations.clear import HOLDS
from scheduling.operations.pause import PATIENT_PAUSE
from scheduling.querysets import care_plans_for
from scheduling.selectors.undo import undo_deadlines
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.access import find_plan
from scheduling.web.patient.hold import held_page
from scheduling.web.patient.missing import open_gates
from scheduling.web.patient.pause import REASONS
from scheduling.web.patient.rows import GONE, LIVE, session_rows, sessions_of, weeks

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
    """All courses of the signed-in patient, newest first."""
    now = timezone.now()
    mine = list(
        care_plans_for(request.user)
        .exclude(status__in=GONE)
        .select_related("protocol_version__protocol", "site")
        .prefetch_related("appointments")[:50]
    )
    rows = [
        {
            "id": plan.pk,
            "title": plan.protocol_version.protocol.title,
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
    if not mine:
        return render(request, "scheduling/patient/plans.html", {"plans": []})
    return render_at(request, mine[0].site, "scheduling/patient/plans.html", {"plans": rows})


@require_safe
def plan(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """The course week by week. A visitor who has just signed in takes their hold along."""
    care_plan, actor = find_plan(request, plan_id, over=True)
    now = timezone.now()
    if care_plan.status in ("held", *GONE):
        return held_page(request, care_plan, actor, now)
    rows = session_rows(care_plan, sessions_of(care_plan), now)
    if any(row["status"] == "cancelled" for row in rows):
        deadlines = undo_deadlines(care_plan, now)
        for row in rows:
            row["undo_until"] = deadlines.get(row["id"]) if row["lost"] else None
    following = next((row for row in rows if row["ahead"]), None)
    living = care_plan.status in LIVE
    context: dict[str, Any] = {
        "plan": care_plan,
        "visitor": actor.user is None,
        "now": now,
        "weeks": weeks(care_plan, rows, now),
        "next": following if living else None,
        "missing": open_gates(care_plan, following, now) if living else [],
        "done": sum(row["status"] == "fulfilled" for row in rows),
        "total": len({row["step"] for row in rows}),
        "waiting_for_clearance": care_plan.clearance not in HOLDS,
    }
    if care_plan.status == "active" and _is_reader(request, care_plan):
        ahead = any(row["ahead"] and row["treatment"] for row in rows)
        context |= {
            "pause_reasons": REASONS.items() if ahead else (),
            "pause_until": walltime.local_date(now, care_plan.site.timezone) + PATIENT_PAUSE,
        }
    return render_at(request, care_plan.site, "scheduling/patient/plan.html", context)


def _is_reader(request: HttpRequest, care_plan: CarePlan) -> bool:
    return request.user.is_authenticated and care_plan.patient.user_id == request.user.pk
