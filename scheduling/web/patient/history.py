"""What happened to a course or to one session: when, what and who, in plain words."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from scheduling.core.roles import CALENDAR_REPLY, MESSAGE_LINK, Role
from scheduling.models import Event
from scheduling.selectors.clearance import is_untold
from scheduling.web.clinic_time import render_at
from scheduling.web.names import numbered
from scheduling.web.patient.access import find_plan
from scheduling.web.patient.session import about, find_session, names_in

DID = {
    "held": _("Held"),
    "booked": _("Booked"),
    "moved": _("Moved"),
    "cancelled": _("Cancelled"),
    "cancel_undone": _("Cancellation taken back"),
    "attendance_accepted": _("Said: I will come"),
    "attendance_tentative": _("Said: not sure yet"),
    "attendance_declined": _("Said: I cannot come"),
    "arrived": _("Arrived"),
    "fulfilled": _("Took place"),
    "noshow": _("Missed"),
    "not_treated": _("Did not take place"),
    "stopped": _("Stopped early"),
    "corrected": _("Record corrected"),
    "extended": _("Hold made longer"),
    "released": _("Given back"),
    "expired": _("Hold ended"),
    "paused": _("Course paused"),
    "resumed": _("Course taken up again"),
    "revoked": _("Course ended"),
    "completed": _("Course completed"),
    "cleared": _("Treatment agreed"),
    "cleared_conditionally": _("Treatment agreed, on a condition"),
    "clearance_declined": _("Treatment not agreed"),
    "clearance_withdrawn": _("Agreement to treatment withdrawn"),
    "clearance_expired": _("Agreement to treatment ended with time"),
    "clearance_reopened": _("Treatment to be looked at again"),
    "gate_closed": _("Preparation completed"),
    "gate_reopened": _("Preparation open again"),
    "gate_overridden": _("Preparation waived"),
    "screening_sent": _("Questions about health answered"),
    "consent_signed": _("Consent signed"),
    "questionnaire_sent": _("Questionnaire filled in"),
    "form_recorded": _("A form was filled in by the clinic"),
}
"""Verbs that concern a patient. What is not here is the clinic's own bookkeeping."""

BY = {
    Role.PRESCRIBER: _("a prescriber"),
    Role.CLINICIAN: _("a clinician"),
    Role.NURSE: _("a nurse"),
    Role.FRONT_DESK: _("the front desk"),
    Role.MANAGER: _("the clinic's manager"),
}
"""Staff by their role only; who has several is named by the first."""
WITHOUT_SIGN_IN = {
    "visitor": _("you, before signing in"),
    MESSAGE_LINK: _("a link in a message to you"),
    CALENDAR_REPLY: _("your calendar"),
}

MOST = 200


@login_required
@require_safe
def history(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """What happened to a course, the newest changes first."""
    care_plan, _actor = find_plan(request, plan_id)
    names = numbered(care_plan.appointments.select_related("service"))
    events = Event.objects.filter(care_plan=care_plan)
    if is_untold(care_plan):
        events = events.exclude(verb="clearance_declined")
    context = {
        "plan": care_plan,
        "entries": entries(events, names),
        "back": reverse("plan", args=[plan_id]),
    }
    return render_at(request, care_plan.site, "scheduling/patient/history.html", context)


@login_required
@require_safe
def session_history(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """What happened to one session, also under the times that it had before it was booked again."""
    appointment, care_plan = find_session(request, appointment_id)
    names = names_in(appointment, care_plan)
    events = Event.objects.filter(appointment=appointment)
    if care_plan is not None:
        events = Event.objects.filter(
            appointment__care_plan=care_plan, appointment__step=appointment.step
        )
    context = about(appointment, care_plan, names, timezone.now()) | {
        "entries": entries(events, names)
    }
    return render_at(request, appointment.site, "scheduling/patient/history.html", context)


def entries(events: QuerySet[Event], names: Mapping[uuid.UUID, str]) -> list[dict[str, Any]]:
    """What the patient reads of the last changes. One query.

    Reasons and notes stay out: they may have been written for the clinic, or name somebody.
    """
    known = events.filter(verb__in=DID).select_related("actor", "patient").order_by("-id")[:MOST]
    return [_entry(list(together), names) for _key, together in groupby(known, key=_together)]


def _together(event: Event) -> tuple[object, ...]:
    """Events that one deed left: many sessions booked, held or given back at once."""
    alone = event.pk if event.verb == "moved" or event.appointment_id is None else None
    return event.verb, event.at, event.actor_id, event.actor_label, alone


def _entry(events: list[Event], names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    event = events[0]
    moved = event.verb == "moved"
    return {
        "at": event.at,
        "did": DID[event.verb],
        "session": _sessions(events, names),
        "before": _instant(event.facts.get("from")) if moved else None,
        "after": _instant(event.facts.get("to")) if moved else None,
        "by": by(event),
    }


def _sessions(events: list[Event], names: Mapping[uuid.UUID, str]) -> str:
    if len(events) > 1:
        return ngettext("%(n)s session", "%(n)s sessions", len(events)) % {"n": len(events)}
    key = events[0].appointment_id
    return names.get(key, "") if key else ""


def by(event: Event) -> Any:
    """The actor as the patient may know them."""
    if event.actor is None:
        return WITHOUT_SIGN_IN.get(event.actor_label, _("the system"))
    if event.patient is not None and event.actor_id == event.patient.user_id:
        return _("you")
    return next((words for role, words in BY.items() if role in event.actor.roles), _("the clinic"))


def _instant(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
