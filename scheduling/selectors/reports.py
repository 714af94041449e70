"""The clinic's reports: read once, counted by `core.reports`, as tables anybody can show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, Min, OuterRef, Q, Subquery

from scheduling.core import reports as core
from scheduling.core.grid import DayGrid
from scheduling.core.intervals import clip
from scheduling.core.walltime import day_start
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    CarePlan,
    CarePlanStatus,
    Event,
    Reservation,
    Resource,
    Site,
)
from scheduling.selectors import services
from scheduling.snapshots.units import load_units

LONGEST = timedelta(days=366)
NEVER = (AppointmentStatus.HELD, AppointmentStatus.EXPIRED, AppointmentStatus.RELEASED)
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column codes. `bar` is the column, a share or a count, that a drawing shows;
    columns in `shares` lie between 0 and 1. The first column says what a row is about."""

    code: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    bar: str
    shares: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Span:
    """Local days of a site, `first` and `last` included."""

    site: Site
    first: date
    last: date

    @property
    def start(self) -> datetime:
        return day_start(self.first, self.site.timezone)

    @property
    def end(self) -> datetime:
        return day_start(self.last + timedelta(days=1), self.site.timezone)


def utilisation(span: Span) -> list[Table]:
    """The share of open hours taken, by place and by person. Six queries."""
    resources = list(Resource.objects.filter(site=span.site, active=True).exclude(kind="series"))
    grid = DayGrid(span.site.timezone, span.first, (span.last - span.first).days + 1)
    opens = {unit.id: unit.opens for unit in load_units(span.site, grid, resources)}
    taken: dict[UUID, list[tuple[int, int]]] = defaultdict(list)
    low, high = int(span.start.timestamp()), int(span.end.timestamp())
    rows = Reservation.objects.filter(
        resource__in=resources,
        during__overlap=DateTimeTZRange(span.start, span.end),
        expires_at=None,
    )
    for resource, during in rows.values_list("resource", "during"):
        taken[resource].append((int(during.lower.timestamp()), int(during.upper.timestamp())))

    def row(one: Resource) -> tuple[Cell, ...]:
        hours = clip(opens[str(one.pk)], low, high)
        open_hours = round(sum(end - start for start, end in hours) * one.capacity / 3600, 1)
        used = core.utilisation(hours, taken[one.pk], one.capacity)
        return one.name, open_hours, used

    return [
        Table(
            f"utilisation_{kind}",
            ("name", "open_hours", "used"),
            tuple(row(one) for one in resources if one.kind == kind),
            "used",
            frozenset({"used"}),
        )
        for kind in ("place", "person")
    ]


def attendance(span: Span) -> list[Table]:
    """The wait for a first session; coming, missing and late cancelling by how far ahead it was
    booked; beginning on time. One query."""
    earlier = Appointment.objects.filter(
        care_plan=OuterRef("care_plan"), start__lt=OuterRef("start")
    ).exclude(status__in=(*NEVER, AppointmentStatus.CANCELLED))
    began = Event.objects.filter(
        appointment=OuterRef("pk"), status_after=AppointmentStatus.IN_PROGRESS
    ).values("appointment")
    rows = (
        Appointment.objects.filter(site=span.site, start__gte=span.start, start__lt=span.end)
        .exclude(status__in=NEVER)
        .annotate(began=Subquery(began.annotate(at=Min("at")).values("at")), first=~Exists(earlier))
        .values_list(
            "status", "late", "start", "created_at", "began", "reason", "first", "care_plan"
        )
    )
    visits = [
        core.Visit(
            status,
            late,
            int(start.timestamp()),
            int(booked.timestamp()),
            int(at.timestamp()) if at else None,
            reason,
            first,
            alone=plan is None,
        )
        for status, late, start, booked, at, reason, first, plan in rows
    ]
    punctual = core.punctuality(visits)
    waits = {
        name: core.wait(visit for visit in visits if visit.alone == alone)
        for name, alone in (("in_course", False), ("single", True))
    }
    return [
        Table(
            "wait",
            ("sessions", "visits", "median_wait", "longest_wait"),
            tuple(
                (name, one.visits, one.median_days, one.longest_days) for name, one in waits.items()
            ),
            "median_wait",
        ),
        Table(
            "attendance",
            ("lead", "visits", "came", "noshow", "late_cancelled", "cancelled", "missed"),
            tuple(
                (
                    _lead(one.lead),
                    one.visits,
                    one.came,
                    one.noshow,
                    one.late_cancelled,
                    one.cancelled,
                    one.missed,
                )
                for one in core.attendance(visits)
            ),
            "missed",
            frozenset({"missed"}),
        ),
        Table(
            "on_time",
            ("sessions", "began", "on_time", "median_delay"),
            (
                (
                    "all",
                    punctual.began,
                    core.share(punctual.on_time, punctual.began),
                    punctual.median_minutes,
                ),
            ),
            "on_time",
            frozenset({"on_time"}),
        ),
    ]


def courses(span: Span) -> list[Table]:
    """What became of the courses that were booked in these days, why some ended early, and what was
    set aside."""
    booked = CarePlan.objects.filter(
        site=span.site, created_at__gte=span.start, created_at__lt=span.end
    ).exclude(status__in=(CarePlanStatus.HELD, CarePlanStatus.EXPIRED, CarePlanStatus.RELEASED))
    states = Counter(booked.values_list("status", flat=True))
    total = sum(states.values())
    why = Counter(booked.filter(status=CarePlanStatus.REVOKED).values_list("reason", flat=True))
    overrides = _overrides(span)
    return [
        Table(
            "courses",
            ("state", "courses", "share"),
            tuple(
                (state, states[state], core.share(states[state], total))
                for state in ("completed", "active", "on_hold", "revoked")
            ),
            "share",
            frozenset({"share"}),
        ),
        Table("ended_early", ("reason", "courses"), tuple(sorted(why.items())), "courses"),
        Table("set_aside", ("rule", "times"), tuple(sorted(overrides.items())), "times"),
    ]


def _overrides(span: Span) -> Counter[str]:
    """Gates that were overridden by code, of sessions and of whole courses; treatments put closer
    together; discharges before the minimum observation. Three queries."""
    happened = Event.objects.filter(
        Q(appointment__site=span.site) | Q(appointment=None, care_plan__site=span.site),
        at__gte=span.start,
        at__lt=span.end,
    )
    rules = happened.filter(verb__in=("gate_overridden", "spacing_overridden"))
    counted = Counter(
        gate if verb == "gate_overridden" else "spacing"
        for verb, gate in rules.values_list("verb", "facts__gate")
    )
    rested = Event.objects.filter(
        appointment=OuterRef("appointment"),
        status_before=AppointmentStatus.IN_PROGRESS,
        status_after=AppointmentStatus.RECOVERING,
    ).order_by("-id")
    # The last discharge of each session counts: one before it was taken back.
    last = (
        happened.filter(
            status_before=AppointmentStatus.RECOVERING,
            status_after=AppointmentStatus.FULFILLED,
            appointment__status=AppointmentStatus.FULFILLED,
        )
        .order_by("appointment_id", "-id")
        .distinct("appointment_id")
        .values_list("at", Subquery(rested.values("at")[:1]), "appointment__service")
    )
    minimum = {slug: one.minimum_observation for slug, one in services.definitions().items()}
    counted["early_discharge"] = sum(
        since is not None and at - since < timedelta(minutes=minimum.get(service, 0))
        for at, since, service in last
    )
    return counted


REPORTS: dict[str, Callable[[Span], list[Table]]] = {
    "utilisation": utilisation,
    "attendance": attendance,
    "courses": courses,
}
"""Other apps add theirs."""


def _lead(lead: tuple[int, int | None]) -> str:
    low, high = lead
    return f"{low}+" if high is None else f"{low}-{high - 1}"


def as_rows(table: Table) -> list[dict[str, Any]]:
    """One dictionary for each row."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]
