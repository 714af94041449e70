"""One visit at the desk: who, when, what is still open, and the next step."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from scheduling import wording
from scheduling.core import gates as policy
from scheduling.core.refusals import Refused
from scheduling.core.states import APPOINTMENT, AppointmentState, allowed
from scheduling.core.walltime import local_date
from scheduling.models import (
    Appointment,
    CarePlanStatus,
    Event,
    Gate,
    GateStatus,
    ResourceKind,
)
from scheduling.operations import gates
from scheduling.operations.actor import Actor
from scheduling.operations.run_late import run_late
from scheduling.operations.transition import transition
from scheduling.operations.undo_move import move_to_undo, undo_move
from scheduling.permissions import Action, may
from scheduling.protocols.services import service_from_json
from scheduling.selectors.courses import GONE, standing_steps
from scheduling.web import names, reasons
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.blocks import COMES, WORDS
from scheduling.web.desk.board import appointment_of
from scheduling.web.desk.discharge import DischargeForm
from scheduling.web.desk.panel import render_panel
from scheduling.web.patient.access import version
from scheduling.web.tell import tell

S = AppointmentState
STEPS: dict[AppointmentState, tuple[Any, str]] = {
    S.ARRIVED: (gettext_lazy("Arrived"), "a"),
    S.IN_PROGRESS: (gettext_lazy("Begin"), "b"),
    S.RECOVERING: (gettext_lazy("Resting from now"), "r"),
    S.FULFILLED: (gettext_lazy("Done"), "d"),
    S.NOSHOW: (gettext_lazy("Did not come"), "n"),
    S.NOT_TREATED: (gettext_lazy("Not treated"), "x"),
    S.STOPPED: (gettext_lazy("Stopped early"), "s"),
}
"""The steps of the day: the words on the button and its key."""
BY_HAND = frozenset({S.BOOKED, S.HELD, S.EXPIRED, S.RELEASED, S.CANCELLED})
"""What other pages do: holding, confirming, cancelling."""
GATES = {
    policy.Gate.CLEARANCE: gettext_lazy("Clearance by a prescriber"),
    policy.Gate.CONSENT: gettext_lazy("Consent"),
    policy.Gate.SCREENING: gettext_lazy("Safety questions of the day"),
    policy.Gate.QUESTIONNAIRE: gettext_lazy("Questionnaire"),
    policy.Gate.EDUCATION: gettext_lazy("Reading"),
    policy.Gate.RIDE: gettext_lazy("Ride home"),
    policy.Gate.FASTING: gettext_lazy("Eating and drinking times kept"),
    policy.Gate.REMS: gettext_lazy("Enrolled in the REMS"),
}


@for_whom_may(Action.VIEW_BOARD)
@require_safe
def visit(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """The visit with its next steps."""
    return show(request, appointment_of(appointment_id), timezone.now())


@for_whom_may(Action.TRANSITION)
@require_POST
def step(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Take the visit one step on, or take a step back with a reason."""
    found, now = appointment_of(appointment_id), timezone.now()
    actor = Actor.of(cast(User, request.user))
    form = None
    if found.treatment and _goes_home(request.POST.get("to", ""), found):
        form = DischargeForm(request.POST)
        if not form.is_valid():
            return show(request, found, now, discharge=form)
    try:
        transition(
            actor=actor,
            appointment=found,
            to=request.POST.get("to", ""),
            reason=request.POST.get("reason", ""),
            override_reason=request.POST.get("override", "").strip() or None,
            facts=form.facts() if form else None,
            version=version(request),
            now=now,
        )
    except Refused as refused:
        tell(request, refused, found.site.timezone, found.care_plan)
    else:
        if form:
            form.keep_escort(found, actor, now)
        messages.success(request, _("Recorded."))
    return redirect("desk-visit", appointment_id)


@for_whom_may(Action.VIEW_BOARD)
@require_POST
def gate(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Close, reopen or set aside one gate."""
    found, now = appointment_of(appointment_id), timezone.now()
    code = request.POST.get("gate", "")
    plan = found.care_plan if code in set(policy.COURSE_GATES) else None
    try:
        gates.set_gate(
            actor=Actor.of(cast(User, request.user)),
            care_plan=plan,
            appointment=None if plan else found,
            code=code,
            status=request.POST.get("status", ""),
            note=request.POST.get("note", "")[:500],
            override_reason=request.POST.get("override", "").strip() or None,
            version=plan.version if plan else version(request),
            now=now,
        )
    except Refused as refused:
        tell(request, refused, found.site.timezone, found.care_plan)
    else:
        messages.success(request, _("Recorded."))
    return redirect("desk-visit", appointment_id)


@for_whom_may(Action.TRANSITION)
@require_POST
def late(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """The patient has called: so many minutes late."""
    found = appointment_of(appointment_id)
    typed = request.POST.get("minutes", "")
    minutes = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else -1
    try:
        run_late(
            actor=Actor.of(cast(User, request.user)),
            appointment=found,
            minutes=minutes,
            now=timezone.now(),
        )
    except Refused as refused:
        tell(request, refused, found.site.timezone)
    else:
        said = ngettext("Noted: %(n)s minute late.", "Noted: %(n)s minutes late.", minutes)
        messages.success(request, said % {"n": minutes})
    return redirect("desk-visit", appointment_id)


@for_whom_may(Action.TRANSITION)
@require_POST
def undo(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Take one's own last move back, with all that moved with it."""
    found = appointment_of(appointment_id)
    try:
        undo_move(actor=Actor.of(cast(User, request.user)), appointment=found, now=timezone.now())
    except Refused as refused:
        tell(request, refused, found.site.timezone, found.care_plan)
    else:
        messages.success(request, _("Moved back."))
    return redirect("desk-visit", appointment_id)


def show(
    request: HttpRequest,
    found: Appointment,
    now: datetime,
    discharge: DischargeForm | None = None,
) -> HttpResponse:
    """The page of a visit; `discharge` brings back what was typed."""
    user = cast(User, request.user)
    actor = Actor.of(user)
    state = S(found.status)
    definition = service_from_json(found.service.definition)
    ways = [
        way
        for way in allowed(APPOINTMENT, state, actor.roles, recovery=definition.recovery)
        if way.correction or way.target not in BY_HAND
    ]
    rows = _gates(found, actor)
    times = _times(found)
    rested = times.get(S.RECOVERING)
    context = {
        "visit": found,
        "patient": found.patient,
        "name": name_of(found),
        "state": WORDS[found.status] if found.status in WORDS else wording.STATES[found.status],
        "comes": COMES.get(found.attendance) if state == S.BOOKED else None,
        "people": _units(found, ResourceKind.PERSON),
        "places": _units(found, ResourceKind.PLACE),
        "gates": rows,
        "waits": state in (S.BOOKED, S.ARRIVED),
        "waiting": state in (S.BOOKED, S.ARRIVED) and any(row["open"] for row in rows),
        "steps": [
            {
                "to": way.target.value,
                "words": _("Go home") if _goes_home(way.target, found) else STEPS[way.target][0],
                "key": STEPS[way.target][1],
                "reasons": reasons.choices(way.reasons) if way.reasons else (),
                "checks": _goes_home(way.target, found),
            }
            for way in ways
            if not way.correction
        ],
        "back": [
            {"to": way.target.value, "words": WORDS[way.target.value]}
            for way in ways
            if way.correction
        ],
        "discharge": discharge or (DischargeForm() if found.treatment else None),
        "times": [(WORDS[key], at) for key, at in times.items()],
        "leaves_from": rested + timedelta(minutes=definition.minimum_observation)
        if rested and state == S.RECOVERING and definition.minimum_observation
        else None,
        "may_override": any(row["may_override"] for row in rows if row["open"]),
        "movable": state == S.BOOKED and found.start > now,
        "cancellable": state in (S.BOOKED, S.ARRIVED),
        "can_be_late": state == S.BOOKED,
        "can_slip": state in (S.BOOKED, S.IN_PROGRESS, S.RECOVERING)
        and local_date(found.start, found.site.timezone) == local_date(now, found.site.timezone),
        "again": _is_lost(found),
        "undo": move_to_undo(actor, found, now),
        "may_read": may(user, Action.READ_ANSWERS),
    }
    return render_panel(request, found.site, "scheduling/desk/visit.html", context)


def name_of(found: Appointment) -> str:
    """What the session is called in its course. One query, none outside of a course."""
    if found.care_plan is None:
        return _(found.service.title)
    return names.steps_of(found.care_plan)[found.step]


def _is_lost(found: Appointment) -> bool:
    """Whether its step of a running course has no session any more, and can be booked again. One
    query at most."""
    plan = found.care_plan
    if plan is None or plan.status != CarePlanStatus.ACTIVE or found.status not in GONE:
        return False
    return found.step not in standing_steps(plan)


def _goes_home(target: str, found: Appointment) -> bool:
    return target == S.FULFILLED and found.status == S.RECOVERING


def _units(found: Appointment, kind: str) -> list[str]:
    return sorted(
        {one.resource.name for one in found.reservations.all() if one.resource.kind == kind}
    )


def _times(found: Appointment) -> dict[AppointmentState, datetime]:
    """When the visit entered each state of the day, the last time it did."""
    entered: Iterable[tuple[str, datetime]] = (
        Event.objects.filter(appointment=found, status_after__in=STEPS)
        .order_by("id")
        .values_list("status_after", "at")
    )
    return {S(state): at for state, at in entered}


def _gates(found: Appointment, actor: Actor) -> list[dict[str, Any]]:
    """Every gate that the session must pass, as the reader may set it."""
    own = Gate.objects.filter(appointment=found).select_related("closed_by")
    known = {gate.code: gate for gate in own}
    if found.care_plan_id:
        course = Gate.objects.filter(care_plan=found.care_plan_id, appointment=None)
        known |= {gate.code: gate for gate in course.select_related("closed_by")}
    rows = []
    for code in gates.needed(found):
        gate = known.get(code.value)
        status = gate.status if gate else GateStatus.OPEN
        in_plan = found.care_plan is not None
        may_close = not gates.authority_refusals(
            code, GateStatus.CLOSED, actor.roles, "", in_plan=in_plan
        )
        rows.append(
            {
                "code": code.value,
                "words": GATES[code],
                "open": status == GateStatus.OPEN,
                "overridden": status == GateStatus.OVERRIDDEN,
                "due": gate.due_at if gate else None,
                "note": gate.note if gate else "",
                "by": gate.closed_by if gate else None,
                "may_close": may_close,
                "may_override": not policy.override_refusals(code, actor.roles, "asked"),
                "ride": code == policy.Gate.RIDE,
            }
        )
    return rows
