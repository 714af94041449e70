"""What is drawn on the board: one description of each visit, one block for each thing it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.fields.json import KT
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.core.states import BLOCKING
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    Attendance,
    Event,
    Gate,
    GateStatus,
    ResourceKind,
)
from scheduling.operations.clear import HOLDS
from scheduling.operations.run_late import RUNNING_LATE
from scheduling.selectors.board import Board, Column
from scheduling.selectors.courses import GONE
from scheduling.web.desk.timetable import Window
from scheduling.web.patient.marks import mark_of

S = AppointmentStatus
WORDS: dict[str, Any] = {
    S.HELD: _("held"),
    S.BOOKED: _("booked"),
    S.ARRIVED: _("is here"),
    S.IN_PROGRESS: _("under way"),
    S.RECOVERING: _("resting"),
    S.FULFILLED: _("done"),
    S.CANCELLED: _("cancelled"),
    S.NOSHOW: _("did not come"),
    S.NOT_TREATED: _("not treated"),
    S.STOPPED: _("stopped"),
}
COMES: dict[str, Any] = {
    Attendance.ACCEPTED: _("said they come"),
    Attendance.TENTATIVE: _("not sure whether they come"),
    Attendance.DECLINED: _("said they cannot come"),
}
"""What the patient has answered, while the visit waits for them."""
OVERDUE = timedelta(minutes=5)
"""So long after its start a visit whose patient is not here is marked."""


def visits_of(seen: Board, now: datetime) -> dict[UUID, dict[str, Any]]:
    """Every visit of the day, as each of its blocks shows it. One query."""
    own = Gate.objects.filter(status=GateStatus.OPEN, appointment=OuterRef("pk"))
    course = Gate.objects.filter(
        status=GateStatus.OPEN, appointment=None, care_plan=OuterRef("care_plan")
    )
    earlier = Appointment.objects.filter(
        care_plan=OuterRef("care_plan"), treatment=True, start__lt=OuterRef("start")
    ).exclude(status__in=GONE)
    late = Event.objects.filter(appointment=OuterRef("pk"), verb=RUNNING_LATE).order_by("-id")
    rows = (
        seen.appointments.select_related("patient", "service", "care_plan")
        .annotate(
            own_gates=Subquery(_counted(own, "appointment")),
            course_gates=Subquery(_counted(course, "care_plan")),
            not_first=Exists(earlier),
            late_minutes=Subquery(late.annotate(m=KT("facts__minutes")).values("m")[:1]),
        )
        .only(
            "status", "start", "end", "step", "mode", "treatment", "phases", "expires_at",
            "version", "attendance",
            "patient__given_name", "patient__family_name", "patient__preferred_name",
            "service__slug", "service__title", "service__treatment",
            "care_plan__clearance", "care_plan__status",
        )
    )  # fmt: skip
    return {row.pk: _visit(row, now) for row in rows}


def _counted(gates: Any, by: str) -> Any:
    return gates.order_by().values(by).annotate(n=Count("pk")).values("n")


def _visit(row: Any, now: datetime) -> dict[str, Any]:
    plan = row.care_plan
    reserved = (
        row.status == S.BOOKED
        and row.treatment
        and plan is not None
        and plan.clearance not in HOLDS
    )
    gates = (row.own_gates or 0) + ((row.course_gates or 0) if row.treatment else 0)
    waiting = row.status == S.BOOKED and now - row.start >= OVERDUE
    return {
        "id": row.pk,
        "version": row.version,
        "patient": row.patient_id,
        "name": str(row.patient),
        "title": gettext(row.service.title),
        "mark": mark_of(row.service),
        "start": row.start,
        "end": row.end,
        "status": row.status,
        "words": _("reserved") if reserved else WORDS[S(row.status)],
        "attendance": row.attendance if row.status == S.BOOKED else "",
        "comes": COMES.get(row.attendance) if row.status == S.BOOKED else None,
        "until": row.expires_at if row.status == S.HELD else None,
        "gates": gates if row.status in (S.BOOKED, S.ARRIVED) else 0,
        "first": row.treatment and plan is not None and not row.not_first,
        "late": row.late_minutes if row.status == S.BOOKED else None,
        "overdue": int((now - row.start).total_seconds() // 60) if waiting else 0,
        "movable": row.status == S.BOOKED and row.start > now,
        "video": row.mode != "in_person",
        "phases": row.phases if row.treatment else [],
        "running": row.status in (S.IN_PROGRESS, S.RECOVERING),
    }


def blocks_of(
    column: Column, window: Window, visits: Mapping[UUID, dict[str, Any]]
) -> list[dict[str, Any]]:
    """What the column shows, by time. A group's seats are counted in one block; of a session that
    takes several lanes of one person each is drawn."""
    if column.resource.kind == ResourceKind.SERIES:
        return _seats(column, window)
    drawn = []
    waits = _waiting(column, visits)
    for entry in column.entries:
        place = window.block(entry.during.lower, entry.during.upper)
        visit = visits.get(entry.appointment_id) if entry.appointment_id else None
        if place is None or (visit is None and entry.appointment_id):
            continue
        drawn.append(
            {
                "key": entry.pk,
                "row": place.row,
                "span": place.span,
                "lane": entry.lane + 1,
                "start": entry.during.lower,
                "visit": visit,
                "offer": entry.offer_id,
                "until": entry.expires_at,
                "waits": entry.pk in waits,
                "bands": _bands(visit, place.span)
                if visit and column.resource.kind == ResourceKind.PLACE
                else [],
            }
        )
    return drawn


def _waiting(column: Column, visits: Mapping[UUID, dict[str, Any]]) -> set[int]:
    """The entries that come next in a place whose session runs over its time."""
    if column.resource.kind != ResourceKind.PLACE:
        return set()
    late = set()
    for entry, following in pairwise(column.entries):
        visit = visits.get(entry.appointment_id) if entry.appointment_id else None
        if visit and visit["running"] and entry.during.upper >= following.during.lower:
            late.add(following.pk)
    return late


def _bands(visit: dict[str, Any], span: int) -> list[dict[str, Any]]:
    """The phases of a treatment, one under the other, as far as the block reaches."""
    bands, row = [], 1
    for phase in visit["phases"]:
        length = min(phase["minutes"] // 5, span - row + 1)
        if length > 0:
            bands.append({"name": phase["name"], "row": row, "span": length})
            row += length
    return bands


def _seats(column: Column, window: Window) -> list[dict[str, Any]]:
    taken = Counter((entry.during.lower, entry.during.upper) for entry in column.entries)
    shown = []
    for (start, end), seats in sorted(taken.items()):
        place = window.block(start, end)
        if place:
            shown.append(
                {
                    "key": f"{column.resource.pk}-{place.row}",
                    "row": place.row,
                    "span": place.span,
                    "lane": 1,
                    "start": start,
                    "seats": seats,
                    "of": column.resource.capacity,
                }
            )
    return shown


def closures_of(column: Column, window: Window) -> list[dict[str, Any]]:
    """Leave, holidays and repairs, with their reason. Extra openings need no mark."""
    shown = []
    for closure in column.closures:
        place = window.block(closure.during.lower, closure.during.upper)
        if place and not closure.opens:
            shown.append({"row": place.row, "span": place.span, "reason": closure.reason})
    return shown


def off_the_board(visits: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was to be today and takes no place any more, by time."""
    live = {state.value for state in BLOCKING} | {S.FULFILLED.value, S.STOPPED.value}
    return [visit for visit in visits if visit["status"] not in live]
