"""Book further sessions of a course under way, at the best times beside those that stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from scheduling import snapshots, stored_wishes
from scheduling.core.add_steps import add_steps
from scheduling.core.availability import Availability
from scheduling.core.course import Course
from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.wishes import PatientTime, Wishes
from scheduling.models import Appointment, AppointmentStatus, CarePlan
from scheduling.operations import events, write
from scheduling.operations.actor import Actor
from scheduling.operations.binding import Needs, Wanted, bind
from scheduling.operations.change import look_at_plan
from scheduling.operations.opening_gates import date_course_gates, open_gates
from scheduling.operations.recipe import clear_the_way, settle
from scheduling.selectors import courses
from scheduling.selectors.patient_time import patient_time

Choose = Callable[[CarePlan, snapshots.Snapshot], Course]
"""The course as it shall be; its steps without a session are booked. Raises Refused."""
Finish = Callable[[CarePlan, Sequence[Appointment]], None]
"""What else is written in the same transaction, under the patient's lock."""


def add_sessions(
    *,
    actor: Actor,
    care_plan: CarePlan,
    choose: Choose,
    finish: Finish,
    facts: Mapping[str, Any],
    version: int | None,
    now: datetime,
    wishes: Wishes | None = None,
    fixed: Mapping[str, int] | None = None,
    dry_run: bool = False,
) -> dict[str, Session]:
    """The sessions that were booked, or with `dry_run` would be, by step: all of them or none.

    `wishes` replace those kept with the plan; `fixed` gives the start (POSIX seconds) of some
    steps; `facts` go into each event. Raises Refused: whatever `choose` does, STALE, NO_PLAN.
    """
    course: Course
    snapshot: snapshots.Snapshot
    times: dict[str, Wanted] = {}

    def look(only: frozenset[str] | None) -> dict[str, Session]:
        nonlocal course, snapshot, times
        plan = CarePlan.objects.select_related("patient", "site", "protocol_version").get(
            pk=care_plan.pk
        )
        snapshot = snapshots.current(plan.site, now)
        course = choose(plan, snapshot)
        own = list(courses.standing(plan).prefetch_related("reservations"))
        current = {one.step: courses.session_of(one) for one in own}
        if only is None:
            elsewhere = patient_time(plan.patient, now, apart_from=[one.pk for one in own])
            free = snapshot.availability.without(courses.bookings_of(own))
            asked = replace(
                wishes or stored_wishes.from_json(plan.wishes, plan.earliest),
                earliest=plan.earliest,
                latest=None,
                fixed=dict(fixed or {}),
            )
            times = _find_times(free, course, current, elsewhere, asked, now)
        needs = Needs.read(plan.wishes)
        return bind(snapshot.availability, course, times, needs=needs, only=only)

    def write_down(
        bound: Mapping[str, Session], capacity: Mapping[UUID, int]
    ) -> dict[str, Session]:
        plan = look_at_plan(care_plan, version)
        booked = AppointmentStatus.BOOKED
        appointments = write.new_appointments(plan, course, bound, actor, status=booked)
        history = [
            events.entry(
                actor=actor,
                verb="booked",
                appointment=one,
                status_after=booked,
                facts={"start": one.start.isoformat(), **facts},
                now=now,
            )
            for one in appointments
        ]
        write.book(
            appointments,
            bound,
            clear=lambda lanes: clear_the_way(plan.patient_id, lanes, now),
            capacity=capacity,
            history=history,
        )
        finish(plan, appointments)
        open_gates(appointments, snapshot.services, course=course, care_plan=plan, now=now)
        date_course_gates(plan, snapshot.services)
        return dict(bound)

    if dry_run:
        return look(None)
    return settle(care_plan.patient_id, care_plan.site_id, look, write_down, now)


def _find_times(
    availability: Availability,
    course: Course,
    current: Mapping[str, Session],
    elsewhere: PatientTime,
    wishes: Wishes,
    now: datetime,
) -> dict[str, Wanted]:
    """The best times for what is missing beside what stands. Raises Refused (NO_PLAN)."""
    past = (availability.grid.midnights[0], int(now.timestamp()))
    persons = {**wishes.practitioners, **courses.practitioners_of(current.values(), course)}
    answer = add_steps(
        availability,
        course,
        current,
        replace(wishes, practitioners=persons),
        patient=PatientTime((*elsewhere.busy, past), elsewhere.treatments),
    )
    if not answer.proposals:
        steps = sorted(step.id for step in course.steps if step.id not in current)
        raise Refused([refuse(Code.NO_PLAN, steps=steps)])
    return {
        one.step: Wanted(write.instant(one.start), courses.practitioners_of([one], course))
        for one in answer.proposals[0].sessions
    }
