"""Where a session that is booked already may move."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from scheduling import snapshots
from scheduling.core import openings as core
from scheduling.core.allowed import allowed_starts
from scheduling.core.openings import Opening
from scheduling.core.states import UPCOMING
from scheduling.core.wishes import PatientTime, Wishes
from scheduling.models import Appointment, CarePlan
from scheduling.selectors.courses import (
    GONE,
    bookings_of,
    course_of,
    practitioners_of,
    session_of,
)
from scheduling.selectors.openings import between, days_of
from scheduling.selectors.patient_time import patient_time
from scheduling.selectors.services import core_service
from scheduling.snapshots import Snapshot


def openings_of_session(
    appointment: Appointment,
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    cascade: bool = False,
) -> list[Opening]:
    """Starts in `[start, end)`, none of them past, to which the session can move, ascending.

    In a course they keep every rule with the other sessions where they are or, with `cascade`,
    where all that are still ahead can follow. Whoever gives the rest of the course gives this too.
    At most seven queries, however long the course.
    """
    snapshot = snapshots.current(appointment.site, now)
    plan = appointment.care_plan
    if plan is None:
        found = _alone(snapshot, appointment, start, end, now)
    else:
        found = _in_course(snapshot, appointment, plan, start, end, now, cascade)
    return between(found, max(start, now), end)


def _alone(
    snapshot: Snapshot, appointment: Appointment, start: datetime, end: datetime, now: datetime
) -> list[Opening]:
    first, last = days_of(snapshot.grid, start, end)
    patient = appointment.patient
    return core.openings(
        snapshot.availability.without(bookings_of([appointment])),
        core_service(appointment.service_id, appointment.mode, known=snapshot.services),
        first_day=first,
        last_day=last,
        wishes=Wishes(
            earliest=snapshot.grid.first,
            languages=frozenset(patient.languages),
            access=frozenset(patient.access_needs),
        ),
        patient=patient_time(patient, now, apart_from=[appointment.pk]),
    )


def _in_course(
    snapshot: Snapshot,
    appointment: Appointment,
    plan: CarePlan,
    start: datetime,
    end: datetime,
    now: datetime,
    cascade: bool,
) -> list[Opening]:
    first, last = days_of(snapshot.grid, start, end)
    course = course_of(plan, snapshot.services)
    rows = [
        row
        for row in plan.appointments.prefetch_related("reservations")
        if row.status not in GONE or row.pk == appointment.pk
    ]
    current = {row.step: session_of(row) for row in rows}
    moving = _moving(rows, appointment, now, cascade)
    free = snapshot.availability.without(bookings_of(moving))
    elsewhere = patient_time(appointment.patient, now, apart_from=[row.pk for row in rows])
    past = (snapshot.grid.midnights[0], int(now.timestamp()))
    wishes = Wishes(
        earliest=plan.earliest,
        languages=frozenset(plan.wishes.get("languages", ())),
        access=frozenset(plan.wishes.get("access", ())),
    )
    starts = allowed_starts(
        free,
        course,
        current,
        appointment.step,
        first_day=first,
        last_day=last,
        wishes=wishes,
        patient=PatientTime((past, *elsewhere.busy), elsewhere.treatments),
        cascade=cascade,
        frozen=frozenset(current) - {row.step for row in moving},
    )
    others = [session for step, session in current.items() if step != appointment.step]
    persons = {} if cascade else practitioners_of(others, course)
    service = course.step(appointment.step).service
    given = core.openings(
        free,
        service,
        first_day=first,
        last_day=last,
        wishes=Wishes(
            earliest=snapshot.grid.first,
            languages=wishes.languages,
            access=wishes.access,
            practitioners={
                role: unit for role, unit in persons.items() if role == service.continuity
            },
        ),
    )
    kept = set(starts)
    return [opening for opening in given if opening.start in kept]


def _moving(
    rows: Collection[Appointment], appointment: Appointment, now: datetime, cascade: bool
) -> list[Appointment]:
    """The session itself and, where the rest may follow, all that are still ahead."""
    return [
        row
        for row in rows
        if row.pk == appointment.pk or (cascade and row.status in UPCOMING and row.start > now)
    ]
