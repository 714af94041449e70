"""A course at the desk: every session, what is open, a prescriber's decision, pause and end."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from scheduling.core import reasons as coded
from scheduling.core.refusals import Refused
from scheduling.models import CarePlan, Clearance, Event, Protocol, StaffTask
from scheduling.operations import clear as clearing
from scheduling.operations.actor import Actor
from scheduling.operations.pause import pause
from scheduling.operations.prescribe import prescribe as prescribing
from scheduling.operations.prescribe import withdraw_change
from scheduling.operations.resume import resume
from scheduling.operations.revoke import revoke
from scheduling.permissions import Action, may
from scheduling.selectors import protocols, services
from scheduling.web import names, reasons
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.blocks import WORDS
from scheduling.web.desk.panel import render_panel
from scheduling.web.desk.tasks import task_row
from scheduling.web.patient.access import version
from scheduling.web.patient.places import DESK_NAMES, places
from scheduling.web.tell import tell

CLEARANCE = {
    Clearance.PENDING: gettext_lazy("not decided yet"),
    Clearance.CLEARED: gettext_lazy("cleared"),
    Clearance.CONDITIONAL: gettext_lazy("cleared on a condition"),
    Clearance.DECLINED: gettext_lazy("declined"),
    Clearance.WITHDRAWN: gettext_lazy("withdrawn"),
    Clearance.EXPIRED: gettext_lazy("run out"),
}
STATUS = {
    "held": gettext_lazy("held"),
    "active": gettext_lazy("under way"),
    "on_hold": gettext_lazy("paused"),
    "completed": gettext_lazy("done"),
    "revoked": gettext_lazy("ended early"),
    "expired": gettext_lazy("hold ended"),
    "released": gettext_lazy("given back"),
}


class DecisionForm(forms.Form):
    """A prescriber's decision about the treatments of a course."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[
            (Clearance.CLEARED, gettext_lazy("Clear for treatment")),
            (Clearance.CONDITIONAL, gettext_lazy("Clear on a condition")),
            (Clearance.DECLINED, gettext_lazy("Decline")),
        ],
        widget=forms.RadioSelect,
    )
    condition = forms.CharField(label=gettext_lazy("Condition"), required=False, max_length=1000)
    until = forms.DateField(
        label=gettext_lazy("Holds until (empty: no end)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    note = forms.CharField(
        label=gettext_lazy("Note for the clinic"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@for_whom_may(Action.VIEW_BOARD)
@require_safe
def course(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """The whole course."""
    return _show(request, plan_of(plan_id))


@for_whom_may(Action.CLEAR)
@require_POST
def decide(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Clear or decline."""
    plan = plan_of(plan_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _show(request, plan, form)
    said = form.cleaned_data
    try:
        clearing.clear(
            actor=Actor.of(cast(User, request.user)),
            care_plan=plan,
            decision=said["decision"],
            note=said["note"],
            condition=said["condition"],
            until=said["until"],
            version=version(request),
            now=timezone.now(),
        )
    except Refused as refused:
        tell(request, refused, plan.site.timezone, plan)
        return _show(request, plan, form)
    messages.success(request, _("Recorded."))
    return redirect("desk-course", plan_id)


@for_whom_may(Action.CLEAR)
@require_POST
def prescribe(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Add sessions, or change their rhythm; the patient then sees new times and agrees."""
    plan, now = plan_of(plan_id), timezone.now()
    actor = Actor.of(cast(User, request.user))
    said = request.POST
    kind, _colon, step = said.get("change", "").partition(":")
    try:
        if said.get("do") == "withdraw":
            for one in plan.changes.filter(status="proposed"):
                withdraw_change(actor=actor, change=one, now=now)
        else:
            numbers = {name: _number(said.get(name, "")) for name in ("count", "min", "max")}
            details: dict[str, Any] = {"step": step, "count": numbers["count"]}
            if kind == "pace":
                low, high = numbers["min"], numbers["max"]
                details = {"step": step, "min": low, "target": low, "max": high}
            elif kind == "switch":
                details = {"protocol": step}
            prescribing(
                actor=actor,
                care_plan=plan,
                kind=kind,
                details=details,
                reason=said.get("reason", "")[:500],
                version=version(request),
                now=now,
            )
    except Refused as refused:
        tell(request, refused, plan.site.timezone, plan)
    else:
        messages.success(request, _("Recorded."))
    return redirect("desk-course", plan_id)


@for_whom_may(Action.REVOKE)
@require_POST
def change(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Pause the course, take it up again, or end it, with a coded reason."""
    plan, now = plan_of(plan_id), timezone.now()
    actor = Actor.of(cast(User, request.user))
    about: dict[str, Any] = {"actor": actor, "care_plan": plan, "version": version(request)}
    reason = request.POST.get("reason", "")
    try:
        match request.POST.get("do"):
            case "pause":
                pause(**about, reason=reason, now=now)
            case "resume":
                resume(**about, now=now)
            case "revoke":
                revoke(**about, reason=reason, now=now)
    except Refused as refused:
        tell(request, refused, plan.site.timezone, plan)
    else:
        messages.success(request, _("Recorded."))
    return redirect("desk-course", plan_id)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def plan_of(plan_id: uuid.UUID) -> CarePlan:
    """Raises Http404."""
    rows = CarePlan.objects.select_related("patient", "site", "protocol_version__protocol")
    return get_object_or_404(rows, pk=plan_id)


def _show(request: HttpRequest, plan: CarePlan, form: DecisionForm | None = None) -> HttpResponse:
    user, now = cast(User, request.user), timezone.now()
    rows = list(plan.appointments.select_related("service").order_by("start"))
    called = names.numbered(rows)
    may_decide = may(user, Action.CLEAR) and plan.status in clearing.LIVE
    tasks = StaffTask.objects.filter(care_plan=plan, finished_at=None).select_related(
        "site", "patient", "owner"
    )
    decided = (
        Event.objects.filter(care_plan=plan, verb__in=clearing.VERBS.values())
        .select_related("actor")
        .order_by("-id")[:5]
    )
    context = {
        "plan": plan,
        "patient": plan.patient,
        "title": _(plan.protocol_version.protocol.title),
        "status": STATUS[plan.status],
        "clearance": CLEARANCE[Clearance(plan.clearance)],
        "sessions": [
            {
                "id": one.pk,
                "start": one.start,
                "name": called[one.pk],
                "words": WORDS.get(one.status, one.status),
                "over": one.end < now,
            }
            for one in rows
            if one.status not in ("expired", "released")
        ],
        "gates": plan.gates.filter(appointment=None, status="open"),
        "tasks": [task_row(task) for task in tasks],
        "form": (form or DecisionForm()) if may_decide else None,
        "decided": decided if may(user, Action.READ_ANSWERS) else (),
        "changes": _changes(plan) if may_decide and plan.status == "active" else (),
        "open_change": plan.changes.filter(status="proposed").first(),
        "heals": plan.status == "active",
        "pauses": reasons.choices(coded.Paused),
        "ends": reasons.choices(coded.Revoked),
        "held": plan.status == "held" and plan.expires_at is not None and plan.expires_at > now,
        "live": plan.status in clearing.LIVE,
        "may_read": may(user, Action.READ_ANSWERS),
        "places": places(plan, DESK_NAMES),
    }
    return render_panel(request, plan.site, "scheduling/desk/course.html", context)


def _changes(plan: CarePlan) -> list[tuple[str, str]]:
    """What a prescriber may add, and whose rhythm they may change."""
    definition = protocols.definition_of(plan.protocol_version)
    known = services.definitions()
    added = [
        (f"add:{one.id}", _("Add: %(what)s") % {"what": _(known[one.service].title)})
        for one in definition.added_by_prescriber
        if one.service in known
    ]
    rhythms = [
        (f"pace:{one.id}", _("Another rhythm: %(what)s") % {"what": _(known[one.service].title)})
        for one in definition.steps()
        if one.gap and one.service in known and (one.count or 0) > 1
    ]
    others = Protocol.objects.filter(active=True).exclude(pk=plan.protocol_version.protocol_id)
    switches = [
        (f"switch:{one.pk}", _("Go on with: %(what)s") % {"what": _(one.title)}) for one in others
    ]
    return [*added, *rhythms, *switches]
