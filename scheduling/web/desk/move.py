"""Move a visit at the desk: to another time, person or place; what it does to the rest of the
course is seen first."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling import wording
from scheduling.core import reasons as coded
from scheduling.core import walltime
from scheduling.core.refusals import Code, Refusal, Refused
from scheduling.models import Appointment, Resource
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel as cancel_session
from scheduling.operations.cancel import is_late
from scheduling.operations.reschedule import Rescheduled, reschedule
from scheduling.permissions import Action, may
from scheduling.selectors.moves import openings_of_session
from scheduling.web import names, reasons, words
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.board import appointment_of
from scheduling.web.desk.panel import render_panel
from scheduling.web.desk.visit import name_of
from scheduling.web.patient import month
from scheduling.web.patient.access import version
from scheduling.web.patient.move import mark, read_mark
from scheduling.web.tell import tell

CASCADES = ("least_change", "none")


@for_whom_may(Action.TRANSITION)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """`?start=` (an instant, or the clinic's wall time) and who or where: the effect first; POST
    agrees to what was shown. `?column=` is a resource that takes the place of its like."""
    found, now = appointment_of(appointment_id), timezone.now()
    said = request.POST if request.method == "POST" else request.GET
    user = cast(User, request.user)
    start = _start(said.get("start", ""), found)
    cascade = said.get("cascade") if said.get("cascade") in CASCADES else "least_change"
    wanted = _wanted(said, found)
    override = said.get("override", "").strip()
    context: dict[str, Any] = {
        "visit": found,
        "patient": found.patient,
        "name": name_of(found),
        "version": found.version,
        "late": is_late(found, now),
        "roles": _roles(found, wanted),
        "start": start or found.start,
        "override": override,
        "may_override": may(user, Action.OVERRIDE_SPACING) and found.treatment,
        "cascade": cascade,
    }
    zone = found.site.timezone
    name = words.in_course(found.care_plan)
    asked: dict[str, Any] = {
        "actor": Actor.of(user),
        "appointment": found,
        "start": start,
        "practitioners": wanted,
        "cascade": "none" if override or found.care_plan is None else cascade,
        "override_reason": override or None,
        "now": now,
    }
    if start is not None and request.POST.get("agree"):
        try:
            reschedule(
                **asked,
                agreed=read_mark(request.POST.get("seen", "")),
                version=version(request),
            )
        except Refused as refused:
            context["refusals"] = [words.sentence(one, zone, name) for one in refused.refusals]
        else:
            messages.success(request, _("Moved."))
            return redirect("desk-visit", appointment_id)
    if start is not None:
        try:
            result = reschedule(**asked, dry_run=True)
        except Refused as refused:
            told = _closer(refused, asked)
            context.setdefault("refusals", [words.sentence(one, zone, name) for one in told])
        else:
            context |= _effect(result, found) | {
                "wanted": [(role, unit) for role, unit in wanted.items()],
                "warnings": [words.sentence(one, zone, name) for one in result.warnings],
            }
    if "preview" not in context:
        shown = month.asked_for(request, around=start or found.start, now=now, zone=zone)
        openings = openings_of_session(
            found, start=shown.start, end=shown.end, now=now, cascade=True
        )
        starts = [walltime.local(one.start, "UTC") for one in openings]
        context["month"] = shown.context(
            (one for one in starts if one != found.start), present=found.start
        )
    return render_panel(request, found.site, "scheduling/desk/move.html", context)


@for_whom_may(Action.TRANSITION)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Cancel with a coded reason. What becomes of the step is a task of the desk."""
    found, now = appointment_of(appointment_id), timezone.now()
    if request.method == "POST":
        try:
            cancel_session(
                actor=Actor.of(cast(User, request.user)),
                appointment=found,
                reason=request.POST.get("reason", ""),
                note=request.POST.get("note", "")[:500],
                version=version(request),
                now=now,
            )
        except Refused as refused:
            tell(request, refused, found.site.timezone, found.care_plan)
        else:
            messages.success(request, _("Cancelled."))
        return redirect("desk-visit", appointment_id)
    context = {
        "visit": found,
        "patient": found.patient,
        "name": name_of(found),
        "reasons": reasons.choices(coded.Cancelled),
        "late": is_late(found, now),
    }
    return render_panel(request, found.site, "scheduling/desk/cancel.html", context)


def _closer(refused: Refused, asked: Mapping[str, Any]) -> Sequence[Refusal]:
    """The reasons; where they only say that no whole course fits, why this one session does not."""
    if {one.code for one in refused.refusals} <= {Code.NO_PLAN, Code.NO_START}:
        try:
            reschedule(**{**asked, "cascade": "none"}, dry_run=True)
        except Refused as nearer:
            return nearer.refusals
    return refused.refusals


def _start(written: str, found: Appointment) -> datetime | None:
    """An instant; without an offset it is wall time of the clinic."""
    try:
        read = parse_datetime(written)
    except ValueError:
        return None
    if read is None or not 2000 < read.year < 2100:
        return None
    if read.tzinfo is None:
        return walltime.to_instant(read.date(), read.time(), found.site.timezone)
    return read


def _wanted(said: Mapping[str, str], found: Appointment) -> dict[str, str]:
    """The unit asked for in each role: by the form's lists, or by the column it was dropped on."""
    units = {str(one.pk): one for one in Resource.objects.filter(site=found.site_id, active=True)}
    held = {one.role: str(one.resource_id) for one in found.reservations.all()}
    wanted = {
        role: said[f"unit-{role}"]
        for role, unit in held.items()
        if said.get(f"unit-{role}") in units and said[f"unit-{role}"] != unit
    }
    column = units.get(said.get("column", ""))
    if column is not None and str(column.pk) not in held.values():
        wanted |= {role: str(column.pk) for role in held if role in column.roles}
    return wanted


def _roles(found: Appointment, wanted: Mapping[str, str]) -> list[dict[str, Any]]:
    """A list for each role of the session: who or what could fill it, and who does."""
    held = {one.role: str(one.resource_id) for one in found.reservations.all()}
    units = Resource.objects.filter(site=found.site_id, active=True)
    return [
        {
            "role": role,
            "words": wording.ROLES.get(role, role),
            "units": [one for one in units if role in one.roles],
            "chosen": wanted.get(role, unit),
        }
        for role, unit in held.items()
    ]


def _effect(result: Rescheduled, found: Appointment) -> dict[str, Any]:
    known = names.steps_of(found.care_plan) if found.care_plan else {}
    return {
        "seen": mark(result.moved),
        "preview": [
            {
                "name": known.get(one.step, ""),
                "before": one.before,
                "after": one.after,
                "asked": one.id == found.pk,
            }
            for one in sorted(result.moved, key=lambda one: one.before)
        ],
    }
