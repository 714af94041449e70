"""The desk's day: chairs, rooms and people side by side, kept up to date while it is open."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.models import User
from scheduling.core import walltime
from scheduling.models import Appointment, Resource, ResourceKind, Site
from scheduling.permissions import Action, may
from scheduling.selectors.board import Column, board
from scheduling.selectors.pulse import pulse
from scheduling.web.clinic_time import render_at
from scheduling.web.desk import blocks, timetable
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_and_all
from scheduling.web.desk.timetable import Window
from scheduling.web.weeks import week_start

ONE_DAY = timedelta(days=1)
KINDS = (ResourceKind.PLACE, ResourceKind.PERSON, ResourceKind.SERIES)
"""In the order in which they are drawn."""


@for_whom_may(Action.VIEW_BOARD)
@require_safe
def day(request: HttpRequest) -> HttpResponse:
    """One day of the site by resource. `?date=`, `?kind=`, `?resource=`. The page asks for its
    middle again by itself (htmx): 304 while nothing has changed, which costs one query."""
    site, sites = site_and_all(request)
    now = timezone.now()
    shown = day_asked_for(request, site, now)
    heart = pulse(cast(User, request.user))
    tag = _tag(request, heart.mark, now)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    seen = board(site, shown, now)
    visits = blocks.visits_of(seen, now)
    kinds = _kinds(request)
    wanted = request.GET.get("resource", "")
    drawn = [
        one
        for kind in kinds
        for one in seen.columns
        if one.resource.kind == kind and (not wanted or str(one.resource.pk) == wanted)
    ]
    window = window_of(seen.start, seen.end, drawn)
    closes = may(cast(User, request.user), Action.CLOSE)
    context = {
        "site": site,
        "sites": sites,
        "day": shown,
        "today": walltime.local_date(now, site.timezone),
        "before": shown - timedelta(days=1),
        "after": shown + timedelta(days=1),
        "kind": request.GET.get("kind", ""),
        "resource": wanted,
        "resources": [one.resource for one in seen.columns],
        "columns": [
            {
                "id": column.resource.pk,
                "title": column.resource.name,
                "of_a_week": True,
                "may_be_away": closes and column.resource.kind != ResourceKind.SERIES,
                "start": window.start,
                "lanes": lanes_of(column),
                "closed": timetable.closed(window, column.hours),
                "closures": blocks.closures_of(column, window),
                "blocks": blocks.blocks_of(column, window, visits),
            }
            for column in drawn
        ],
        "off": blocks.off_the_board(visits.values()),
        "headers": json.dumps({"If-None-Match": tag}),
        "pulse": heart,
        "closes": closes,
        **frame_of(window, now),
    }
    return _answer(request, site, "day", context, tag)


@for_whom_may(Action.VIEW_BOARD)
@require_safe
def week(request: HttpRequest, resource_id: uuid.UUID) -> HttpResponse:
    """Seven days of one resource, side by side."""
    rows = Resource.objects.select_related("site")
    resource = get_object_or_404(rows, pk=resource_id)
    site, now = resource.site, timezone.now()
    shown = day_asked_for(request, site, now)
    heart = pulse(cast(User, request.user))
    tag = _tag(request, heart.mark, now)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    first = week_start(shown)
    seen = board(site, first, now, only=resource, days=7)
    visits = blocks.visits_of(seen, now)
    [column] = seen.columns
    dates = [first + timedelta(days=n) for n in range(7)]
    midnights = [walltime.day_start(one, site.timezone) for one in [*dates, dates[-1] + ONE_DAY]]
    window = _week_window(midnights, _spans([column]))
    columns = []
    for one, midnight in zip(dates, midnights, strict=False):
        own = Window(
            midnight + (window.start - midnights[0]), midnight + (window.end - midnights[0])
        )
        columns.append(
            {
                "id": f"{one:%Y-%m-%d}",
                "title": one,
                "start": own.start,
                "lanes": lanes_of(column),
                "closed": timetable.closed(own, column.hours),
                "closures": blocks.closures_of(column, own),
                "blocks": blocks.blocks_of(column, own, visits),
            }
        )
    context = {
        "site": site,
        "one": resource,
        "day": shown,
        "before": shown - timedelta(days=7),
        "after": shown + timedelta(days=7),
        "columns": columns,
        "headers": json.dumps({"If-None-Match": tag}),
        "pulse": heart,
        **frame_of(window, now),
    }
    return _answer(request, site, "week", context, tag)


def day_asked_for(request: HttpRequest, site: Site, now: datetime) -> date:
    """The local day of `?date=`; today where it is none, or one that no calendar has."""
    today = walltime.local_date(now, site.timezone)
    try:
        asked = date.fromisoformat(request.GET.get("date", ""))
    except ValueError:
        return today
    return asked if abs(asked - today) < timedelta(days=3660) else today


def _answer(
    request: HttpRequest, site: Site, page: str, context: dict[str, Any], tag: str
) -> HttpResponse:
    whole = request.headers.get("HX-Request") != "true"
    template = f"scheduling/desk/{page}.html" if whole else "scheduling/desk/_board.html"
    response = render_at(request, site, template, context)
    response["ETag"] = tag
    return response


def _tag(request: HttpRequest, mark: str, now: datetime) -> str:
    """Another one whenever the page would look different: to this reader, in this row of time."""
    row = int(now.timestamp() // timetable.ROW.total_seconds())
    whole = f"{mark}|{row}|{request.get_full_path()}|{get_language()}|{request.user.pk}"
    return f'"{hashlib.sha256(whole.encode()).hexdigest()[:24]}"'


def _kinds(request: HttpRequest) -> tuple[str, ...]:
    asked = request.GET.get("kind", "")
    return (asked,) if asked in set(KINDS) else KINDS


def lanes_of(column: Column) -> int:
    """How many stand side by side; the seats of a group are one block."""
    if column.resource.kind == ResourceKind.SERIES:
        return 1
    return max([column.resource.capacity, *(entry.lane + 1 for entry in column.entries)])


def _spans(columns: Iterable[Column]) -> list[tuple[datetime, datetime]]:
    return [
        span
        for column in columns
        for span in (
            *column.hours,
            *((entry.during.lower, entry.during.upper) for entry in column.entries),
        )
    ]


def window_of(start: datetime, end: datetime, columns: Iterable[Column]) -> Window:
    return timetable.window_of(start, end, _spans(columns))


def _week_window(midnights: list[datetime], spans: list[tuple[datetime, datetime]]) -> Window:
    """One for all days, said for the first of them."""
    first = midnights[0]
    shifted = []
    for midnight, following in pairwise(midnights):
        for low, high in spans:
            if low < following and high > midnight:
                shifted.append(
                    (max(low, midnight) - midnight + first, min(high, following) - midnight + first)
                )
    return timetable.window_of(first, first + ONE_DAY, shifted)


def frame_of(window: Window, now: datetime) -> dict[str, Any]:
    """The hours at the side, how many rows there are, and in which of them it is now."""
    return {
        "hours": [{"at": at, "row": n * 12 + 1} for n, at in enumerate(window.hours())],
        "rows": window.rows,
        "now_row": window.row_of(now),
    }


def appointment_of(appointment_id: uuid.UUID) -> Appointment:
    """One visit with all that its pages show. Raises Http404."""
    rows = Appointment.objects.select_related(
        "patient", "site", "service", "care_plan__protocol_version__protocol", "care_plan__site"
    ).prefetch_related("reservations__resource")
    return get_object_or_404(rows, pk=appointment_id)
