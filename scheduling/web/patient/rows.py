"""Sessions as their reader sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.core import walltime
from scheduling.models import Appointment, CarePlan
from scheduling.operations.clear import HOLDS
from scheduling.operations.rebook import PATIENTS_OWN
from scheduling.selectors import courses
from scheduling.web.names import numbered
from scheduling.web.patient.marks import mark_of
from scheduling.web.weeks import week_start

GONE = ("expired", "released")
LIVE = ("active", "on_hold")
STATES = {
    "held": _("held"),
    "booked": _("confirmed"),
    "arrived": _("you are here"),
    "in_progress": _("under way"),
    "recovering": _("resting"),
    "fulfilled": _("done"),
    "cancelled": _("cancelled"),
    "noshow": _("missed"),
    "not_treated": _("did not take place"),
    "stopped": _("stopped early"),
}


def sessions_of(care_plan: CarePlan) -> list[Appointment]:
    """The sessions of a course that its reader knows of, by time. Three queries."""
    return list(
        care_plan.appointments.exclude(status__in=GONE)
        .select_related("service", "site")
        .prefetch_related("reservations__resource")
        .order_by("start")
    )


def session_rows(
    care_plan: CarePlan, appointments: Iterable[Appointment], now: datetime
) -> list[dict[str, Any]]:
    """The sessions by time, named and numbered; the next one is marked."""
    known = list(appointments)
    names = numbered(known)
    rows = [session_row(care_plan, one, now) | {"name": names[one.pk]} for one in known]
    following = next((row for row in rows if row["ahead"]), None)
    if following is not None:
        following["next"] = True
    _mark_lost(care_plan, known, rows)
    return rows


def may_book_again(care_plan: CarePlan, state: str | None) -> bool:
    """Whether a patient may book a step again whose last session came to `state`; None: the step
    stands."""
    return care_plan.status == "active" and state in PATIENTS_OWN


def _mark_lost(
    care_plan: CarePlan, appointments: Sequence[Appointment], rows: Sequence[dict[str, Any]]
) -> None:
    """Say of the last session of each lost step whether its reader or the clinic goes on."""
    standing = {one.step for one in appointments if courses.stands(one)}
    latest = {one.step: one.pk for one in sorted(appointments, key=lambda one: one.created_at)}
    for one, row in zip(appointments, rows, strict=True):
        lost = one.step not in standing and latest[one.step] == one.pk
        row["lost"] = lost
        row["again"] = lost and may_book_again(care_plan, one.status)
        row["clinic_calls"] = lost and care_plan.status in LIVE and not row["again"]


def weeks(care_plan: CarePlan, rows: Iterable[dict[str, Any]], now: datetime) -> list[Any]:
    """The sessions grouped by the local week they fall in, with today's week marked.

    A week of a running course in which nothing is planned is there while it is this week.
    """
    zone = care_plan.site.timezone
    by_week: dict[date, list[dict[str, Any]]] = {}
    for row in rows:
        by_week.setdefault(week_start(walltime.local_date(row["start"], zone)), []).append(row)
    today = week_start(walltime.local_date(now, zone))
    if by_week and min(by_week) < today < max(by_week):
        by_week.setdefault(today, [])
    return [
        {"first": first, "sessions": by_week[first], "current": first == today}
        for first in sorted(by_week)
    ]


def session_row(
    care_plan: CarePlan | None, appointment: Appointment, now: datetime
) -> dict[str, Any]:
    """One session as its reader sees it, in a course or alone (None). A treatment of a course is
    reserved until somebody cleared it."""
    state = STATES[appointment.status]
    if (
        appointment.status == "booked"
        and appointment.treatment
        and care_plan is not None
        and care_plan.clearance not in HOLDS
    ):
        state = _("reserved")
    ahead = appointment.status in ("held", "booked") and appointment.start > now
    open_ahead = appointment.status == "booked" and ahead
    return {
        "id": appointment.pk,
        "step": appointment.step,
        "start": appointment.start,
        "end": appointment.end,
        "title": gettext(appointment.service.title),
        "minutes": int((appointment.end - appointment.start).total_seconds() // 60),
        "practitioner": practitioner(appointment) if appointment.site.names_people else "",
        "room": room(appointment, now) if appointment.site.names_rooms else "",
        "treatment": appointment.treatment,
        "mark": mark_of(appointment.service),
        "mode": appointment.mode,
        "state": state,
        "status": appointment.status,
        "ahead": ahead,
        "attendance": appointment.attendance if open_ahead else "",
        "answerable": open_ahead,
        "sequence": appointment.sequence,
        "movable": open_ahead and (care_plan is None or care_plan.status == "active"),
        "cancellable": open_ahead and (care_plan is None or care_plan.status in LIVE),
    }


def practitioner(appointment: Appointment) -> str:
    """The person the patient talks with; treatments name nobody beforehand."""
    if appointment.treatment:
        return ""
    people = {
        reservation.resource.name
        for reservation in appointment.reservations.all()
        if reservation.resource.kind == "person"
    }
    return ", ".join(sorted(people))


def room(appointment: Appointment, now: datetime) -> str:
    """Where the patient is expected, on the day alone: until then places may be bound anew."""
    zone = appointment.site.timezone
    if walltime.local_date(now, zone) != walltime.local_date(appointment.start, zone):
        return ""
    places = {
        reservation.resource.name
        for reservation in appointment.reservations.all()
        if reservation.resource.kind == "place"
    }
    return ", ".join(sorted(places))
