"""Everything that needs a person: one list with an owner, one obvious action and an end."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.models import StaffTask
from scheduling.operations.actor import Actor
from scheduling.operations.finish_task import finish
from scheduling.operations.staff_tasks import claim
from scheduling.permissions import Action, may
from scheduling.querysets import staff_tasks_for
from scheduling.selectors.disruptions import undecided
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.panel import render_panel
from scheduling.web.desk.phone import parked
from scheduling.web.desk.repair_options import options_of_task
from scheduling.web.desk.sites import site_of
from scheduling.web.desk.tasks import CALLS, task_row, words_of
from scheduling.web.tell import tell

SHOWN = 200
FRESH = timedelta(minutes=30)
OUTCOMES = [
    ("done", gettext_lazy("Done")),
    ("reached", gettext_lazy("Reached them")),
    ("not_reached", gettext_lazy("Not reached, tried enough")),
    ("not_needed", gettext_lazy("No longer needed")),
]
TELLING = [("told", gettext_lazy("The patient has heard it from me"))]
"""The one outcome after which treatment times go back."""


@for_whom_may(Action.WORK_ON_TASK)
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Open tasks of the reader's roles: urgent ones first, then by when they are due. `?kind=`
    shows one kind, `?mine=1` one's own, `?calls=1` whom to call."""
    site, now = site_of(request), timezone.now()
    user = cast(User, request.user)
    rows = staff_tasks_for(user).filter(finished_at=None)
    kinds = Counter(rows.order_by().values_list("kind", flat=True))
    kind, calls = request.GET.get("kind", ""), bool(request.GET.get("calls"))
    if kind in kinds:
        rows = rows.filter(kind=kind)
    if calls:
        rows = rows.filter(kind__in=CALLS)
    if request.GET.get("mine"):
        rows = rows.filter(owner=user)
    shown = rows.select_related("patient", "owner", "site").order_by(
        "-urgent", "due_at", "created_at"
    )[:SHOWN]
    closes = may(user, Action.CLOSE)
    context = {
        "site": site,
        "tasks": [task_row(task) | _urgency(task, now) for task in shown],
        "kinds": [(key, words_of(key), count) for key, count in sorted(kinds.items())],
        "kind": kind,
        "mine": bool(request.GET.get("mine")),
        "calls": calls,
        "call_count": sum(count for key, count in kinds.items() if key in CALLS),
        "closes": closes,
        "repairs": undecided(site, now) if closes else [],
        "parked": parked(now) if may(user, Action.CREATE_PATIENT) else [],
    }
    return render_at(request, site, "scheduling/desk/inbox.html", context)


@for_whom_may(Action.WORK_ON_TASK)
@require_safe
def task(request: HttpRequest, task_id: uuid.UUID) -> HttpResponse:
    """One task with what is known, and how it ends."""
    found = _task(request, task_id)
    context: dict[str, Any] = {
        "task": task_row(found),
        "found": found,
        "session": found.appointment and _(found.appointment.service.title),
        "options": options_of_task(found),
        "outcomes": TELLING if found.kind == "tell_decline" else OUTCOMES,
        "may_work": may(cast(User, request.user), Action.WORK_ON_TASK, found),
    }
    return render_panel(request, found.site, "scheduling/desk/task.html", context)


@for_whom_may(Action.WORK_ON_TASK)
@require_POST
def take(request: HttpRequest, task_id: uuid.UUID) -> HttpResponse:
    """Make it one's own."""
    found = _task(request, task_id)
    try:
        claim(actor=Actor.of(cast(User, request.user)), task=found, now=timezone.now())
    except Refused as refused:
        tell(request, refused, found.site.timezone)
    else:
        messages.success(request, _("It is yours."))
    return redirect("inbox-task", task_id)


@for_whom_may(Action.WORK_ON_TASK)
@require_POST
def end(request: HttpRequest, task_id: uuid.UUID) -> HttpResponse:
    """End it with an outcome and, where there is more to say, a note."""
    found = _task(request, task_id)
    known = {code for code, _words in (*OUTCOMES, *TELLING)}
    outcome = request.POST.get("outcome", "")
    try:
        finish(
            actor=Actor.of(cast(User, request.user)),
            task=found,
            outcome=outcome if outcome in known else "",
            note=request.POST.get("note", "")[:2000],
            now=timezone.now(),
        )
    except Refused as refused:
        tell(request, refused, found.site.timezone)
    else:
        messages.success(request, _("Ended."))
    return redirect("inbox-task", task_id)


def _urgency(task: StaffTask, now: datetime) -> dict[str, bool]:
    """A task that is to be done at once is not late before anybody could have seen it."""
    overdue = task.due_at is not None and task.due_at < now
    fresh = task.created_at > now - FRESH
    return {"now": overdue and fresh, "late": overdue and not fresh}


def _task(request: HttpRequest, task_id: uuid.UUID) -> StaffTask:
    rows = staff_tasks_for(cast(User, request.user))
    about = rows.select_related("patient", "owner", "site", "appointment__service")
    return get_object_or_404(about, pk=task_id)
