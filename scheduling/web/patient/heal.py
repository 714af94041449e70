"""New times for a course that has changed: see them, agree, choose another, or ask for a call."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.core.roles import Role
from scheduling.models import CarePlan, ChangeKind, ChangeStatus, CourseChange
from scheduling.operations import staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.heal import Healed, Healing, agree, propose
from scheduling.operations.switch_course import agree_to_switch, find_switch
from scheduling.operations.write import instant
from scheduling.web import names, words
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.access import find_plan, version


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def heal(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """The proposed times; POST agrees to exactly these, or asks for a call."""
    plan, _actor = find_plan(request, plan_id)
    user, now = cast(User, request.user), timezone.now()
    actor = Actor.of(user)
    context: dict[str, Any] = {"plan": plan, "site": plan.site, "desk": user.works_here}
    name = words.in_course(plan)
    if "call" in request.POST:
        staff_tasks.open_task(
            "call_wanted", Role.FRONT_DESK, site=plan.site, care_plan=plan, now=now
        )
        messages.success(request, _("We call you. Nothing is changed until then."))
        return redirect("plan", plan.pk)
    switch = plan.changes.filter(status=ChangeStatus.PROPOSED, kind=ChangeKind.SWITCH).first()
    if switch is not None:
        return _switch(request, plan, switch, context, actor, now)
    if "agree" in request.POST:
        agreed = read_mark(request.POST.get("agreed", ""))
        try:
            agree(actor=actor, care_plan=plan, agreed=agreed, version=version(request), now=now)
        except Refused as refused:
            context["refusals"] = words.about_a_time(refused.refusals, plan.site.timezone, name)
        else:
            messages.success(request, _("Booked. Your course below is up to date."))
            return redirect("desk-course" if user.works_here else "plan", plan.pk)
    try:
        healing = propose(actor=actor, care_plan=plan, now=now)
    except Refused as refused:
        context["why"] = [words.sentence(one, plan.site.timezone, name) for one in refused.refusals]
    else:
        context |= shown(healing)
    return render_at(request, plan.site, "scheduling/patient/heal.html", context)


def _switch(
    request: HttpRequest,
    plan: CarePlan,
    change: CourseChange,
    context: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> HttpResponse:
    """The other course whole; POST agrees to exactly this one."""
    zone = plan.site.timezone
    if "agree" in request.POST:
        try:
            fresh = agree_to_switch(
                actor=actor,
                change=change,
                proposal=request.POST.get("agreed", ""),
                version=version(request),
                now=now,
            )
        except Refused as refused:
            context["refusals"] = words.about_a_time(refused.refusals, zone, words.in_none)
        else:
            messages.success(request, _("Booked. Your course below is up to date."))
            return redirect("desk-course" if context["desk"] else "plan", fresh.pk)
    found = find_switch(change, now)
    if not found.answer.proposals:
        name = words.in_search(found)
        context["why"] = [words.sentence(one, zone, name) for one in found.answer.refusals]
    else:
        [proposal] = found.answer.proposals
        name = words.in_search(found)
        context |= {
            "change": change,
            "version": plan.version,
            "mark": found.token(proposal),
            "title": _(found.protocol_version.protocol.title),
            "sessions": [
                {
                    "name": name(one.step),
                    "kind": "new",
                    "start": instant(one.start),
                    "end": instant(one.end),
                }
                for one in proposal.sessions
            ],
        }
    return render_at(request, plan.site, "scheduling/patient/heal.html", context)


def shown(healing: Healing) -> dict[str, Any]:
    """A proposal as a page shows it."""
    plan = healing.care_plan
    known = names.steps_of(plan) if healing.sessions else {}
    last = {one.step: one.pk for one in plan.appointments.order_by("created_at")}
    return {
        "version": plan.version,
        "mark": mark(healing.sessions),
        "change": healing.change,
        "sessions": [
            {
                "name": known.get(one.step) or _("A new session"),
                "kind": one.kind,
                "before": one.before,
                "start": one.start,
                "end": one.end,
                "key": last.get(one.step),
            }
            for one in healing.sessions
        ],
        "moved": sum(one.kind == "moved" for one in healing.sessions),
    }


def mark(sessions: tuple[Healed, ...]) -> str:
    """What was shown, in a form that an agreement can name: nothing else is agreed to."""
    return ",".join(f"{one.step}@{int(one.start.timestamp())}" for one in sessions)


def read_mark(text: str) -> dict[str, datetime]:
    """The starts that `mark` wrote; empty, which agrees to nothing, for anything else."""
    try:
        pairs = [one.split("@") for one in text[:5000].split(",")]
        return {step: datetime.fromtimestamp(int(at), UTC) for step, at in pairs}
    except (ValueError, OverflowError, OSError):
        return {}


def needs_new_times(plan: CarePlan, rows: list[dict[str, Any]]) -> bool:
    """Whether the page of a course leads here: something was lost, or a prescriber has changed
    it. One query."""
    if plan.status != "active":
        return False
    return any(row["again"] for row in rows) or plan.changes.filter(status="proposed").exists()
