"""What a disruption does to the courses of a site, in the terms in which it can be repaired."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from scheduling import stored_wishes
from scheduling.core.clinic import Booking
from scheduling.core.course import Course, Step
from scheduling.core.grid import DayGrid
from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refusal, refuse
from scheduling.core.repair import Disturbed, Key, Pin, Shock
from scheduling.core.repair_allow import as_allowed, within_reach
from scheduling.core.repair_table import bookings_of
from scheduling.core.service import Service
from scheduling.core.states import SILENT
from scheduling.core.wishes import Wishes
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    CarePlan,
    CarePlanStatus,
    Closure,
    GroupSession,
)
from scheduling.operations.book import needs_of
from scheduling.operations.overtime import shut_at
from scheduling.selectors import courses
from scheduling.selectors.patient_time import Taken, apart_from, times_of
from scheduling.selectors.services import core_service
from scheduling.snapshots import Snapshot

NOTICE = timedelta(hours=2)
"""Nobody is asked to come at another time sooner than so. The clinic's own default."""
VIDEO = "video"
RUNNING = frozenset({CarePlanStatus.ACTIVE, CarePlanStatus.ON_HOLD})


@dataclass(frozen=True, slots=True)
class Met:
    """The courses that a disruption meets. `appointments`: all their sessions, by key, and where
    these `sessions` stand; `affected`: those that need what is out, in order; `stuck`: why some of
    them are not for a repair to move; `depends`: upcoming sessions tied to an affected one by a
    window or gap; `closed`: what is closed by it and not yet written."""

    shock: Shock
    appointments: Mapping[Key, Appointment]
    sessions: Mapping[Key, Session]
    affected: tuple[Appointment, ...]
    stuck: Mapping[UUID, Refusal]
    depends: tuple[Appointment, ...]
    closed: tuple[Booking, ...] = ()


def key_of(appointment: Appointment) -> Key:
    """How a repair knows a session: by its course, or by itself where it has none."""
    return str(appointment.care_plan_id or appointment.pk), appointment.step


def meet(
    affected: Sequence[Appointment],
    snapshot: Snapshot,
    *,
    closed: Iterable[Booking] = (),
    pins: Mapping[UUID, Pin] | None = None,
    exclusions: Collection[UUID] = (),
    now: datetime,
) -> Met:
    """Read the courses of these sessions. `closed` is what the snapshot does not know to be closed.

    Five queries at most, however many there are; two more where overtime is allowed. Sessions under
    way or beyond what is planned, of courses that are not booked yet, and of patients to whom
    nothing is sent are left to a person, as are the `exclusions`.
    """
    plans, singles = _read(affected)
    rows = {
        str(key): [row for row in plan.appointments.all() if courses.stands(row)]
        for key, plan in plans.items()
    }
    rows |= {str(one.pk): [one] for one in singles}
    own = {row.pk: row for of in rows.values() for row in of}
    stand = courses.read_sessions(own.values())
    times = times_of({row.patient_id for row in own.values()}, now)
    met = [own[one.pk] for one in affected if one.pk in own]
    closed = tuple(closed)
    stuck = dict(_stuck(met, plans, snapshot.grid, now))
    going = {one.pk for one in affected} - stuck.keys() - set(exclusions)
    disturbed = []
    for key, of in rows.items():
        plan = plans.get(UUID(key))
        if plan is not None and going & {row.pk for row in of}:
            disturbed.append(_course(key, plan, of, stand, going, times, snapshot, now))
        elif plan is None and of[0].pk in going:
            disturbed.append(_single(key, of[0], stand, times, snapshot))
    free = snapshot.availability.closing(closed) if closed else snapshot.availability
    gone = [row for key in going if key in own for row in bookings_of(stand[key])]
    # For a session that need not go any more nothing is opened: others would come into it.
    goes = going & own.keys()
    pinned = {key_of(own[key]): pin for key, pin in (pins or {}).items() if key in goes}
    more = [one for pin in pinned.values() for one in pin.opens]
    if more:
        free = free.opening(within_reach(more, [*closed, *shut_at(snapshot.site_id, now)]))
    shock = Shock(
        availability=free.without(gone),
        courses=tuple(as_allowed(one, pinned) for one in sorted(disturbed, key=lambda one: one.id)),
        not_before=int((now + NOTICE).timestamp()),
        pins=pinned,
    )
    appointments = {key_of(row): row for row in own.values()}
    sessions = {key: stand[row.pk] for key, row in appointments.items()}
    depends = _depends(shock, appointments, now)
    return Met(shock, appointments, sessions, tuple(affected), stuck, depends, closed)


def closed_spans(closure: Closure, snapshot: Snapshot) -> list[Booking]:
    """What a closure closes that the snapshot has open: the resource or all of them, and meetings
    of groups whose coach or room it is. One query, or none for a site."""
    start, end = (int(at.timestamp()) for at in (closure.during.lower, closure.during.upper))
    if closure.resource_id is None:
        return [Booking(unit, start, end) for unit in snapshot.units]
    meetings = GroupSession.objects.filter(
        cancelled_at=None, during__overlap=closure.during
    ).select_related(None)
    theirs = meetings.filter(coach=closure.resource_id) | meetings.filter(room=closure.resource_id)
    return [
        Booking(str(closure.resource_id), start, end),
        *(
            Booking(
                str(one.series_id),
                int(one.during.lower.timestamp()),
                int(one.during.upper.timestamp()),
            )
            for one in theirs
        ),
    ]


def _read(
    affected: Sequence[Appointment],
) -> tuple[dict[UUID, CarePlan], list[Appointment]]:
    plans = {
        plan.pk: plan
        for plan in CarePlan.objects.filter(pk__in={one.care_plan_id for one in affected})
        .select_related("patient", "site", "protocol_version")
        .prefetch_related("appointments")
    }
    alone = [one.pk for one in affected if one.care_plan_id is None]
    rows = Appointment.objects.filter(pk__in=alone).select_related("patient", "site")
    return plans, list(rows) if alone else []


def _stuck(
    affected: Iterable[Appointment], plans: Mapping[UUID, CarePlan], grid: DayGrid, now: datetime
) -> Iterable[tuple[UUID, Refusal]]:
    for one in affected:
        plan = plans.get(one.care_plan_id) if one.care_plan_id else None
        patient = plan.patient if plan else one.patient
        if one.status != AppointmentStatus.BOOKED or one.start <= now:
            yield one.pk, refuse(Code.WRONG_STATE, state=one.status, action="repair")
        elif plan is not None and plan.status not in RUNNING:
            yield one.pk, refuse(Code.WRONG_STATE, state=plan.status, action="repair")
        elif one.start.timestamp() >= grid.midnights[-1]:
            last = grid.date_of(grid.days - 1).isoformat()
            yield one.pk, refuse(Code.BEYOND_HORIZON, last_date=last)
        elif patient.status in SILENT:
            yield one.pk, refuse(Code.PATIENT_STATUS, status=patient.status)


def _course(
    key: str,
    plan: CarePlan,
    rows: Sequence[Appointment],
    stand: Mapping[UUID, Session],
    going: Collection[UUID],
    times: Mapping[UUID, Sequence[Taken]],
    snapshot: Snapshot,
    now: datetime,
) -> Disturbed:
    course = courses.course_of(plan, snapshot.services)
    wishes = stored_wishes.from_json(plan.wishes, plan.earliest)
    affected = frozenset(row.step for row in rows if row.pk in going)
    soon = now + NOTICE
    return Disturbed(
        id=key,
        course=course,
        current={row.step: stand[row.pk] for row in rows},
        affected=affected,
        movable=frozenset(
            row.step
            for row in rows
            if row.status == AppointmentStatus.BOOKED
            and row.start > soon
            and row.start.timestamp() < snapshot.grid.midnights[-1]
        ),
        wishes=replace(wishes, latest=None, fixed={}, practitioners={}),
        patient=apart_from(times[plan.patient_id], {row.pk for row in rows}),
        remote=dict(_remote(course, affected, snapshot)),
    )


def _single(
    key: str,
    one: Appointment,
    stand: Mapping[UUID, Session],
    times: Mapping[UUID, Sequence[Taken]],
    snapshot: Snapshot,
) -> Disturbed:
    service = core_service(one.service_id, one.mode, known=snapshot.services)
    course = Course((Step(one.step, service),), (), spacing_days=one.spacing_days or 1)
    needs = needs_of(one.patient)
    return Disturbed(
        id=key,
        course=course,
        current={one.step: stand[one.pk]},
        affected=frozenset({one.step}),
        movable=frozenset(),
        wishes=Wishes(snapshot.grid.first, languages=needs.languages, access=needs.access),
        patient=apart_from(times[one.patient_id], {one.pk}),
        remote=dict(_remote(course, {one.step}, snapshot)),
    )


def _remote(
    course: Course, steps: Collection[str], snapshot: Snapshot
) -> Iterable[tuple[str, Service]]:
    """Talk that can be had by video as well."""
    for step in course.steps:
        slug = step.service.slug
        known = snapshot.services.get(slug)
        if step.id in steps and known and step.service.trip and VIDEO in known.modes:
            yield step.id, core_service(slug, VIDEO, known=snapshot.services)


def _depends(
    shock: Shock, appointments: Mapping[Key, Appointment], now: datetime
) -> tuple[Appointment, ...]:
    found = []
    for course in shock.courses:
        near = {
            other
            for rule in course.course.rules
            for one, other in ((rule.step, rule.anchor), (rule.anchor, rule.step))
            if one in course.affected and other not in course.affected
        }
        rows = (appointments[course.id, step] for step in near if step in course.current)
        found += [row for row in rows if row.start > now]
    return tuple(sorted(found, key=lambda row: (row.start, str(row.pk))))
