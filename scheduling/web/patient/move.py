"""Move one session: choose a start, see what it means for the rest, agree."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.core import walltime
from scheduling.core.refusals import Refused
from scheduling.models import Appointment
from scheduling.operations.actor import Actor
from scheduling.operations.reschedule import reschedule
from scheduling.selectors.moves import openings_of_session
from scheduling.web.clinic_time import render_at
from scheduling.web.patient import words
from scheduling.web.patient.access import version
from scheduling.web.patient.names import numbered
from scheduling.web.patient.rows import GONE, session_row
from scheduling.web.patient.session import find_session

DAYS_AROUND = 14


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Starts to choose from; after a choice its effect; after agreement the moved course."""
    appointment, care_plan = find_session(request, appointment_id)
    names = numbered(
        care_plan.appointments.exclude(status__in=GONE).select_related("service").order_by("start")
    )
    now = timezone.now()
    context: dict[str, Any] = {
        "plan": care_plan,
        "site": appointment.site,
        "session": session_row(care_plan, appointment, now) | {"name": names[appointment.pk]},
        "version": appointment.version,
    }
    start = chosen_start(request)
    if start is not None:
        agreed = "agree" in request.POST
        name = words.in_course(care_plan)
        try:
            result = reschedule(
                actor=Actor.of(cast(User, request.user)),
                appointment=appointment,
                start=start,
                cascade="least_change",
                dry_run=not agreed,
                version=version(request),
                now=now,
            )
        except Refused as refused:
            context["refusals"] = [
                words.sentence(reason, appointment.site.timezone, name)
                for reason in refused.refusals
            ]
        else:
            if agreed:
                messages.success(request, _("Moved. Your course below is up to date."))
                return redirect("plan", care_plan.pk)
            context |= {
                "chosen": start.isoformat(),
                "preview": changes(result.moved, names),
                "earlier": sum(
                    change.before < appointment.start and change.id != appointment.pk
                    for change in result.moved
                ),
                "warnings": [
                    words.sentence(reason, appointment.site.timezone, name)
                    for reason in result.warnings
                ],
            }
    if not context.get("preview"):
        context["days"] = days(appointment, now)
    return render_at(request, appointment.site, "scheduling/patient/move.html", context)


def chosen_start(request: HttpRequest) -> datetime | None:
    """The start that a button sent; None for anything else, which asks again."""
    try:
        start = parse_datetime(request.POST.get("start", ""))
    except ValueError:
        return None
    return start if start is not None and timezone.is_aware(start) else None


def days(appointment: Appointment, now: datetime) -> list[dict[str, Any]]:
    """The starts within two weeks of the present one, by local day."""
    zone = appointment.site.timezone
    around = walltime.local_date(appointment.start, zone)
    first = max(around - timedelta(days=DAYS_AROUND), walltime.local_date(now, zone))
    openings = openings_of_session(
        appointment=appointment,
        start=walltime.to_instant(first, 0, zone),
        end=walltime.to_instant(around + timedelta(days=DAYS_AROUND + 1), 0, zone),
        now=now,
        cascade=True,
    )
    by_day: dict[date, list[datetime]] = {}
    for opening in openings:
        start = datetime.fromtimestamp(opening.start, UTC)
        if start == appointment.start:
            continue
        by_day.setdefault(walltime.local_date(start, zone), []).append(start)
    return [{"date": day, "starts": thinned(starts)} for day, starts in by_day.items()]


def thinned(starts: Sequence[datetime], at_most: int = 8) -> list[datetime]:
    """A few starts over the day: an unwell reader should not choose among a hundred."""
    if len(starts) <= at_most:
        return list(starts)
    step = (len(starts) - 1) / (at_most - 1)
    return [starts[round(index * step)] for index in range(at_most)]


def changes(moved: Sequence[Any], names: Mapping[uuid.UUID, str]) -> list[dict[str, Any]]:
    """What moves, with the names that the reader knows; what comes earlier in the course first."""
    return [
        {"name": names[change.id], "before": change.before, "after": change.after}
        for change in sorted(moved, key=lambda change: change.before)
    ]
