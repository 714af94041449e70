"""Move one session: choose a start, see what it means for the rest, agree."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
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
from scheduling.models import Appointment
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import is_late
from scheduling.operations.move import Moved
from scheduling.operations.reschedule import Rescheduled, reschedule
from scheduling.protocols.services import service_from_json
from scheduling.selectors.moves import openings_of_session
from scheduling.selectors.openings import lead_of
from scheduling.web import words
from scheduling.web.clinic_time import render_at
from scheduling.web.patient import month
from scheduling.web.patient.access import chosen_start, version
from scheduling.web.patient.session import about, find_session, names_in, page_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Starts to choose from; after a choice its effect; after agreement the moved course."""
    appointment, care_plan = find_session(request, appointment_id)
    names = names_in(appointment, care_plan)
    now = timezone.now()
    zone = appointment.site.timezone
    start = chosen_start(request)
    name = words.in_course(care_plan) if start else words.in_none
    context = about(appointment, care_plan, names, now) | {
        "version": appointment.version,
        "late": is_late(appointment, now),
    }
    if start is not None and request.POST.get("agree"):
        agreed = read_mark(request.POST.get("seen", ""))
        try:
            _reschedule(request, appointment, start, now, agreed=agreed)
        except Refused as refused:
            context["refusals"] = words.about_a_time(refused.refusals, zone, name)
        else:
            messages.success(request, _("Moved. What you see below is up to date."))
            return redirect(*page_of(appointment))
    if start is not None:
        try:
            result = _reschedule(request, appointment, start, now)
        except Refused as refused:
            context["refusals"] = words.about_a_time(refused.refusals, zone, name)
        else:
            context |= _effect(result, names) | {
                "chosen": start,
                "warnings": [words.sentence(one, zone, name) for one in result.warnings],
            }
    if "preview" not in context and context["session"]["movable"]:
        shown = month.asked_for(request, around=start or appointment.start, now=now, zone=zone)
        starts = free_starts(appointment, shown.start, shown.end, now, cascade=True)
        context["month"] = shown.context(
            (one for one in starts if one != appointment.start), present=appointment.start
        )
    return render_at(request, appointment.site, "scheduling/patient/move.html", context)


def _reschedule(
    request: HttpRequest,
    appointment: Appointment,
    start: datetime,
    now: datetime,
    agreed: Mapping[uuid.UUID, datetime] | None = None,
) -> Rescheduled:
    """Move exactly what was agreed to; or, where nothing was yet, what would move."""
    return reschedule(
        actor=Actor.of(cast(User, request.user)),
        appointment=appointment,
        start=start,
        cascade="least_change",
        dry_run=agreed is None,
        agreed=agreed,
        version=version(request),
        now=now,
    )


def free_starts(
    appointment: Appointment, start: datetime, end: datetime, now: datetime, *, cascade: bool
) -> list[datetime]:
    """The starts in `[start, end)` that a patient may choose for the session, its service's lead
    time from now on."""
    lead = lead_of(service_from_json(appointment.service.definition))
    found = openings_of_session(
        appointment=appointment, start=max(start, now + lead), end=end, now=now, cascade=cascade
    )
    return [datetime.fromtimestamp(opening.start, UTC) for opening in found]


def mark(moved: Sequence[Moved]) -> str:
    """What was shown, in a form that an agreement can name: nothing else is agreed to."""
    return ",".join(f"{one.id}@{int(one.after.timestamp())}" for one in moved)


def read_mark(seen: str) -> dict[uuid.UUID, datetime]:
    """The new starts that `mark` wrote; empty, which agrees to nothing, for anything else."""
    try:
        pairs = [one.split("@") for one in seen.split(",")]
        return {uuid.UUID(key): datetime.fromtimestamp(int(at), UTC) for key, at in pairs}
    except (ValueError, OverflowError, OSError):
        return {}


def _effect(result: Rescheduled, names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    """What would move, with the names that the reader knows; what comes earlier in the course
    first."""
    asked = result.appointment
    return {
        "seen": mark(result.moved),
        "preview": [
            {
                "name": names[one.id],
                "before": one.before,
                "after": one.after,
                "asked": one.id == asked.pk,
            }
            for one in sorted(result.moved, key=lambda one: one.before)
        ],
        "earlier": sum(one.before < asked.start and one.id != asked.pk for one in result.moved),
    }
