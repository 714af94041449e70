"""Somebody or something is away: what is proposed for its sessions, and the decision."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from scheduling.core import walltime
from scheduling.core.refusals import Code, Refused
from scheduling.core.repair import Option, Pin
from scheduling.models import Disruption, Event, Resource, Site
from scheduling.operations.actor import Actor
from scheduling.operations.adjust import adjust, refresh
from scheduling.operations.apply_repair import apply_repair
from scheduling.operations.close import period_refusals
from scheduling.operations.disrupt import disrupt, other_places
from scheduling.operations.take_option import take_option, wait_for_a_place
from scheduling.operations.undo_repair import may_be_undone, undo_repair
from scheduling.operations.write import instant
from scheduling.permissions import Action
from scheduling.selectors.disruptions import progress, state_of
from scheduling.web.clinic_time import render_at
from scheduling.web.desk import repair_rows
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.board import day_asked_for
from scheduling.web.desk.panel import render_panel
from scheduling.web.desk.repair_told import tell_of
from scheduling.web.desk.sites import site_of
from scheduling.web.setup.closures import ClosureForm
from scheduling.web.tell import tell

ONE_DAY = timedelta(days=1)
LAST_SECOND = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
FORMAT = "%Y-%m-%dT%H:%M"


@for_whom_may(Action.CLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def away(request: HttpRequest) -> HttpResponse:
    """Who is away, from when to when. Sent, it is closed at once, and a repair is proposed.
    `?resource=` and `?date=` fill it in."""
    site, now = _site(request), timezone.now()
    with timezone.override(site.timezone):
        form = ClosureForm(request.POST or None, site=site, initial=_initial(request, site, now))
        valid = request.method == "POST" and form.is_valid()
    if valid:
        said = form.cleaned_data
        resource = form.resources.get(said["whom"])
        if period_refusals(said["start"], said["end"], now):
            form.add_error(
                "end", _("This is not after the start, too long after it, or it is over.")
            )
        else:
            try:
                made = disrupt(
                    actor=Actor.of(cast(User, request.user)),
                    site=None if resource else site,
                    resource=resource,
                    start=said["start"],
                    end=said["end"],
                    reason=said["reason"],
                    now=now,
                )
            except Refused as refused:
                tell(request, refused, site.timezone)
            else:
                return redirect("desk-repair", made.pk)
    return render_at(request, site, "scheduling/desk/away.html", {"site": site, "form": form})


@for_whom_may(Action.CLOSE)
@require_safe
def repair(request: HttpRequest, disruption_id: uuid.UUID) -> HttpResponse:
    """The proposal by patient and on the board, or what became of it. `?board=before` draws the
    day as it is. While a worker looks for something better the page asks again (htmx), and gets
    how far that is, or all of it anew."""
    found, now = _found(disruption_id), timezone.now()
    part = request.headers.get("HX-Request") == "true"
    searching = found.status == "proposed" and not found.search_ended and now < found.search_until
    search = {
        "disruption": found,
        "share": int(100 * progress(found, now)),
        "before": request.GET.get("board") == "before",
    }
    if part and searching and request.GET.get("revision") == str(found.revision):
        return render_at(request, found.site, "scheduling/desk/_searching.html", search)
    rows = repair_rows.appointments_of(found)
    state = state_of(found)
    day, units = _day(request, found), repair_rows.units_of(found)
    with timezone.override(found.site.timezone):
        context: dict[str, Any] = {
            **search,
            "site": found.site,
            "state": state,
            "open": state == "proposed",
            "searching": searching and state == "proposed",
            "patients": repair_rows.changes_of(found, rows, units),
            "unplaced": repair_rows.unplaced_of(found, rows, units, open_=state == "proposed"),
            "excluded": [rows[key] for key in _keys(found, "excluded") if key in rows],
            "depends": [rows[key] for key in _keys(found, "depends") if key in rows],
            "costs": repair_rows.costs_of(found),
            "affected": len(found.proposal["affected"]),
            "may_undo": may_be_undone(found, now),
            "accepted": _accepted(found) if state == "applied" else 0,
            "day": day,
            **repair_rows.board_of(found, day, now, after=request.GET.get("board") != "before"),
        }
    if not part:
        return render_at(request, found.site, "scheduling/desk/repair.html", context)
    response = render_at(request, found.site, "scheduling/desk/_repair.html", context)
    response["HX-Retarget"], response["HX-Reswap"] = "#repair", "outerHTML"
    return response


@for_whom_may(Action.CLOSE)
@require_safe
def others(
    request: HttpRequest, disruption_id: uuid.UUID, appointment_id: uuid.UUID
) -> HttpResponse:
    """Where else one session could go while all others stay as proposed."""
    found = _found(disruption_id)
    row = repair_rows.appointments_of(found).get(appointment_id)
    if row is None:
        raise Http404
    try:
        places = other_places(found, appointment_id, timezone.now())
    except Refused as refused:
        tell_of(request, refused, found)
        return redirect("desk-repair", disruption_id)
    if places is None:
        raise Http404
    names = {str(one.pk): one.name for one in Resource.objects.filter(site=found.site)}
    context = {
        "disruption": found,
        "row": row,
        "name": _(row.service.title),
        "places": [
            {
                "start": instant(place.session.start),
                "second": place.session.start,
                "with": list(
                    dict.fromkeys(names.get(t.unit, "") for t in place.session.taken if t.lanes)
                ),
            }
            for place in places
        ],
    }
    return render_panel(request, found.site, "scheduling/desk/repair_others.html", context)


@for_whom_may(Action.CLOSE)
@require_POST
def adjust_one(request: HttpRequest, disruption_id: uuid.UUID) -> HttpResponse:
    """Pin one session (`pin`: its start, or nothing for not pinned any more), or leave it out and
    take it in again (`leave`)."""
    found = _found(disruption_id)
    try:
        key = uuid.UUID(request.POST.get("appointment", ""))
        start = _second(request.POST.get("pin", ""))
    except ValueError:
        return redirect("desk-repair", disruption_id)
    asked: dict[str, Any] = {}
    if "pin" in request.POST:
        asked["pins"] = {key: Pin(start) if start else None}
    if "leave" in request.POST:
        asked["exclusions"] = {key: request.POST["leave"] == "1"}
    try:
        adjust(
            actor=Actor.of(cast(User, request.user)),
            disruption=found,
            now=timezone.now(),
            **asked,
        )
    except Refused as refused:
        tell_of(request, refused, found)
        return redirect("desk-repair", disruption_id)
    return _at(disruption_id, key)


@for_whom_may(Action.CLOSE)
@require_POST
def take_one(request: HttpRequest, disruption_id: uuid.UUID) -> HttpResponse:
    """Do what could be done about one session without a place (`option`: which, the second that was
    shown for it, and who would stay): as a part of the proposal, or, for the waitlist, at once."""
    found, now = _found(disruption_id), timezone.now()
    try:
        key = uuid.UUID(request.POST.get("appointment", ""))
        name, start, stays = [*request.POST.get("option", "").split(" ", 2), "", ""][:3]
        option, second = Option(name), _second(start)
    except ValueError:
        return redirect("desk-repair", disruption_id)
    asked: dict[str, Any] = {
        "actor": Actor.of(cast(User, request.user)),
        "disruption": found,
        "appointment": key,
        "now": now,
    }
    try:
        if option is Option.WAITLIST:
            wait_for_a_place(**asked)
            said = _("On the waitlist. If nothing comes free, the patient still needs your call.")
        else:
            shown = stays.split(",") if stays else []
            take_option(**asked, option=option, start=second, stays=shown)
            said = _("It is part of the proposal now. Nothing moves before you take all of it.")
    except Refused as refused:
        tell_of(request, refused, found)
        return redirect("desk-repair", disruption_id)
    messages.success(request, said)
    return _at(disruption_id, key)


@for_whom_may(Action.CLOSE)
@require_POST
def take(request: HttpRequest, disruption_id: uuid.UUID) -> HttpResponse:
    """Move all of it; where the world has moved, nothing, and show a fresh proposal."""
    found, now = _found(disruption_id), timezone.now()
    seen = request.POST.get("revision", "")
    try:
        done = apply_repair(
            actor=Actor.of(cast(User, request.user)),
            disruption=found,
            revision=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
            now=now,
        )
    except Refused as refused:
        tell_of(request, refused, found)
        if Code.PROPOSAL_OUTDATED in {one.code for one in refused.refusals}:
            _refresh(request, found, now)
    else:
        moved = len(done.proposal["changes"])
        messages.success(
            request,
            ngettext("%(n)s session was changed.", "%(n)s sessions were changed.", moved)
            % {"n": moved},
        )
    return redirect("desk-repair", disruption_id)


@for_whom_may(Action.CLOSE)
@require_POST
def undo(request: HttpRequest, disruption_id: uuid.UUID) -> HttpResponse:
    """Put everything back, while no patient has been told."""
    found = _found(disruption_id)
    try:
        undo_repair(actor=Actor.of(cast(User, request.user)), disruption=found, now=timezone.now())
    except Refused as refused:
        tell_of(request, refused, found)
    else:
        messages.success(request, _("Everything is back where it was."))
    return redirect("desk-repair", disruption_id)


def _at(disruption_id: uuid.UUID, session: uuid.UUID) -> HttpResponse:
    """Back to the repair, at the session that was decided about: the list may be long."""
    return redirect(f"{reverse('desk-repair', args=[disruption_id])}#s{session}")


def _second(written: str) -> int:
    """POSIX seconds as a button sends them, 0 for nothing. Raises ValueError for what none sent."""
    second = int(written or 0)
    if not 0 <= second < LAST_SECOND:
        raise ValueError(written[:20])
    return second


def _refresh(request: HttpRequest, found: Disruption, now: datetime) -> None:
    try:
        refresh(found, now)
    except Refused as refused:
        tell_of(request, refused, found)


def _found(disruption_id: uuid.UUID) -> Disruption:
    rows = Disruption.objects.select_related("site", "resource", "closure", "applied_by")
    return get_object_or_404(rows, pk=disruption_id)


def _site(request: HttpRequest) -> Site:
    """The site of `?resource=`, where there is one."""
    resource = _resource(request)
    return resource.site if resource else site_of(request)


def _resource(request: HttpRequest) -> Resource | None:
    try:
        key = uuid.UUID(request.GET.get("resource", ""))
    except ValueError:
        return None
    return Resource.objects.select_related("site").filter(pk=key).first()


def _initial(request: HttpRequest, site: Site, now: datetime) -> dict[str, Any]:
    """From now or the day's first moment to its last."""
    day = day_asked_for(request, site, now)
    begin = max(walltime.day_start(day, site.timezone), now.replace(second=0, microsecond=0))
    end = walltime.day_start(day + ONE_DAY, site.timezone)
    resource = _resource(request)
    return {
        "whom": str(resource.pk) if resource else "",
        "start": walltime.local(begin, site.timezone).strftime(FORMAT),
        "end": walltime.local(end, site.timezone).strftime(FORMAT),
        "reason": _("Sick"),
    }


def _day(request: HttpRequest, found: Disruption) -> date:
    """The day that is drawn: `?date=`, or the first one that somebody is away."""
    if "date" in request.GET:
        return day_asked_for(request, found.site, found.during.lower)
    return walltime.local_date(found.during.lower, found.site.timezone)


def _keys(found: Disruption, name: str) -> list[uuid.UUID]:
    return [uuid.UUID(key) for key in found.proposal[name]]


def _accepted(found: Disruption) -> int:
    """How many patients have said that it suits them. One query."""
    said = Event.objects.filter(verb="change_accepted", facts__disruption=str(found.pk))
    return said.values("patient").distinct().count()
