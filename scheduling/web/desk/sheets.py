"""Day sheets on paper: one page for each chair, room and person, or for each patient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from scheduling.permissions import Action
from scheduling.selectors.board import Board, board
from scheduling.web.clinic_time import render_at
from scheduling.web.desk import blocks
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.board import day_asked_for
from scheduling.web.desk.sites import site_of

BY = {"resource": _("chairs, rooms and people"), "patient": _("patients")}


@for_whom_may(Action.VIEW_BOARD)
@require_safe
def sheets(request: HttpRequest) -> HttpResponse:
    """`?date=`, `?by=resource` or `patient`. The cover names nobody: what lies on a desk face up
    tells nothing."""
    site, now = site_of(request), timezone.now()
    day = day_asked_for(request, site, now)
    by = request.GET.get("by", "")
    by = by if by in BY else "resource"
    seen = board(site, day, now)
    visits = blocks.visits_of(seen, now)
    pages = list(_by_patient(seen, visits) if by == "patient" else _by_resource(seen, visits))
    context = {
        "site": site,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "by": by,
        "choices": BY.items(),
        "pages": pages,
    }
    return render_at(request, site, "scheduling/desk/sheets.html", context)


def _by_resource(seen: Board, visits: dict[UUID, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Only who or what is taken that day."""
    for column in seen.columns:
        rows = {
            entry.appointment_id: visits[entry.appointment_id] | {"from": entry.during.lower}
            for entry in reversed(column.entries)
            if entry.appointment_id in visits
        }
        if rows:
            ordered = sorted(rows.values(), key=lambda row: row["from"])
            yield {"title": column.resource.name, "rows": ordered, "names": True}


def _by_patient(seen: Board, visits: dict[UUID, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """In the order in which they come; what was cancelled or missed is left out."""
    gone = {visit["id"] for visit in blocks.off_the_board(visits.values())}
    where: dict[UUID, list[str]] = defaultdict(list)
    for column in seen.columns:
        for entry in column.entries:
            if entry.appointment_id and column.resource.name not in where[entry.appointment_id]:
                where[entry.appointment_id].append(column.resource.name)
    pages: dict[UUID, dict[str, Any]] = {}
    for key, visit in visits.items():
        if key in gone:
            continue
        page = pages.setdefault(visit["patient"], {"title": visit["name"], "rows": []})
        page["rows"].append(visit | {"from": visit["start"], "where": ", ".join(where[key])})
    yield from pages.values()
