"""What a nurse needs on a tablet: each chair, who sits there, who is next. And one's own day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from scheduling.core.states import AppointmentState
from scheduling.models import Appointment, Event
from scheduling.permissions import Action
from scheduling.protocols.services import service_from_json
from scheduling.querysets import staff_tasks_for
from scheduling.selectors.board import Column, board
from scheduling.web.clinic_time import render_at
from scheduling.web.desk import blocks
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.board import day_asked_for
from scheduling.web.desk.sites import site_of
from scheduling.web.desk.tasks import task_row

S = AppointmentState
CHAIR = "infusion_chair"
VITALS_EVERY = {S.IN_PROGRESS: timedelta(minutes=10), S.RECOVERING: timedelta(minutes=15)}
"""Riva-Posse 2018: every ten minutes while it runs, every fifteen afterwards."""
TASKS = 12
"""Tasks shown on one's own day; the inbox has all."""
PHASES = {
    S.ARRIVED: _("getting ready"),
    S.IN_PROGRESS: _("treatment"),
    S.RECOVERING: _("resting"),
}


@for_whom_may(Action.VIEW_BOARD)
@require_safe
def chairs(request: HttpRequest) -> HttpResponse:
    """Every chair with who is in it and who comes next. Asked anew every 15 seconds."""
    site, now = site_of(request), timezone.now()
    today = board(site, day_asked_for(request, site, now), now)
    visits = blocks.visits_of(today, now)
    places = [one for one in today.columns if CHAIR in one.resource.roles]
    since = _since([key for key, one in visits.items() if one["status"] in PHASES])
    rests = {
        one.pk: service_from_json(one.service.definition).minimum_observation
        for one in Appointment.objects.filter(pk__in=since).select_related("service")
    }
    context = {
        "site": site,
        "chairs": [_chair(column, visits, since, rests, now) for column in places],
    }
    alone = request.headers.get("HX-Request") == "true"
    template = "scheduling/desk/_chairs.html" if alone else "scheduling/desk/chairs.html"
    return render_at(request, site, template, context)


@for_whom_may(Action.READ_ANSWERS)
@require_safe
def my_day(request: HttpRequest) -> HttpResponse:
    """The reader's own sessions of a day, with what is still open for each, and the tasks of their
    roles that are due first: a prescriber's decisions before what they block."""
    site, now = site_of(request), timezone.now()
    shown = day_asked_for(request, site, now)
    seen = board(site, shown, now)
    visits = blocks.visits_of(seen, now)
    own = [one for one in seen.columns if one.resource.user_id == cast(User, request.user).pk]
    keys = dict.fromkeys(
        entry.appointment_id for column in own for entry in column.entries if entry.appointment_id
    )
    plans = dict(Appointment.objects.filter(pk__in=keys).values_list("pk", "care_plan"))
    tasks = staff_tasks_for(cast(User, request.user)).filter(finished_at=None)
    due = tasks.select_related("patient", "owner", "site").order_by("-urgent", "due_at")[:TASKS]
    context = {
        "site": site,
        "tasks": [task_row(task) for task in due],
        "day": shown,
        "before": shown - timedelta(days=1),
        "after": shown + timedelta(days=1),
        "known": bool(own),
        "visits": sorted(
            (visits[key] | {"plan": plans[key]} for key in keys if key in visits),
            key=lambda visit: visit["start"],
        ),
    }
    return render_at(request, site, "scheduling/desk/my_day.html", context)


def _since(keys: list[Any]) -> dict[Any, datetime]:
    """When each visit entered the state it is in. One query."""
    rows = Event.objects.filter(appointment__in=keys, status_after__in=list(PHASES)).order_by("id")
    return dict(rows.values_list("appointment", "at"))


def _chair(
    column: Column,
    visits: dict[Any, dict[str, Any]],
    since: dict[Any, datetime],
    rests: dict[Any, int],
    now: datetime,
) -> dict[str, Any]:
    known = [visits[one.appointment_id] for one in column.entries if one.appointment_id in visits]
    here = next((one for one in known if one["status"] in PHASES), None)
    ahead = next((one for one in known if one["status"] == S.BOOKED and one is not here), None)
    shown: dict[str, Any] = {"name": column.resource.name, "here": here, "next": ahead}
    if here is not None:
        began = since.get(here["id"], now)
        minutes = max(0, int((now - began).total_seconds() // 60))
        every = VITALS_EVERY.get(S(here["status"]))
        shown |= {
            "phase": PHASES[S(here["status"])],
            "minutes": minutes,
            "vitals": began + every * ((now - began) // every + 1) if every else None,
            "leaves": began + timedelta(minutes=rests.get(here["id"], 0))
            if here["status"] == S.RECOVERING
            else None,
        }
    return shown
