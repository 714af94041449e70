"""Add an optional block to a course, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from scheduling import snapshots, stored_wishes
from scheduling.core.add_steps import add_steps
from scheduling.core.availability import Availability
from scheduling.core.course import Course
from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.wishes import PatientTime, Wishes
from scheduling.models import AppointmentStatus, CarePlan, CarePlanStatus
from scheduling.operations import eligibility, events, write
from scheduling.operations.actor import Actor
from scheduling.operations.binding import Needs, Wanted, bind
from scheduling.operations.change import change, look_at_plan
from scheduling.operations.opening_gates import open_gates
from scheduling.operations.recipe import clear_the_way, settle
from scheduling.selectors import courses, protocols
from scheduling.selectors.patient_time import patient_time


def add_block(
    *,
    actor: Actor,
    care_plan: CarePlan,
    block: str,
    version: int | None,
    now: datetime,
    wishes: Wishes | None = None,
) -> CarePlan:
    """Book every session of the block at the best times beside the sessions that stand.

    Raises Refused: UNKNOWN block, WRONG_STATE where the course is not active or has the block,
    STALE, NO_PLAN where the block finds no place.
    """
    course: Course
    times: dict[str, Wanted] = {}

    def look(only: frozenset[str] | None) -> dict[str, Session]:
        nonlocal course, times
        plan = CarePlan.objects.select_related("patient", "site", "protocol_version").get(
            pk=care_plan.pk
        )
        snapshot = snapshots.current(plan.site, now)
        refusals = [
            *eligibility.patient_refusals(actor, plan.patient, "add_block"),
            *_block_refusals(plan, block, version),
        ]
        if refusals:
            raise Refused(refusals)
        current = courses.sessions_of(plan)
        plan.blocks = [*plan.blocks, block]
        course = courses.course_of(plan, snapshot.services)
        rows = plan.appointments.exclude(status__in=courses.GONE)
        own = list(rows.prefetch_related("reservations"))
        elsewhere = patient_time(plan.patient, now, apart_from=[one.pk for one in own])
        needs = Needs.read(plan.wishes)
        if only is None:
            free = snapshot.availability.without(courses.bookings_of(own))
            times = _find_times(free, plan, course, current, elsewhere, wishes, now)
        return bind(snapshot.availability, course, times, needs=needs, only=only)

    def write_down(bound: Mapping[str, Session], capacity: Mapping[UUID, int]) -> CarePlan:
        plan = look_at_plan(care_plan, version)
        booked = AppointmentStatus.BOOKED
        appointments = write.new_appointments(plan, course, bound, actor, status=booked)
        write.book(
            appointments,
            bound,
            clear=lambda lanes: clear_the_way(plan.patient_id, lanes, now),
            capacity=capacity,
        )
        change(plan, blocks=[*plan.blocks, block], sessions=plan.sessions + len(appointments))
        services = snapshots.current(plan.site, now).services
        open_gates(appointments, services, course=course, care_plan=plan, now=now)
        events.append_all(
            events.entry(
                actor=actor,
                verb="booked",
                appointment=one,
                status_after=booked,
                facts={"start": one.start.isoformat(), "block": block},
                now=now,
            )
            for one in appointments
        )
        return plan

    return settle(care_plan.patient_id, look, write_down, now)


def _block_refusals(plan: CarePlan, block: str, version: int | None) -> list[Refusal]:
    blocks = {one.id for one in protocols.definition_of(plan.protocol_version).blocks}
    refusals = []
    if version not in (None, plan.version):
        refusals.append(refuse(Code.STALE, version=plan.version))
    if block not in blocks:
        refusals.append(refuse(Code.UNKNOWN, field="block", value=block))
    if plan.status != CarePlanStatus.ACTIVE or block in plan.blocks:
        refusals.append(refuse(Code.WRONG_STATE, state=plan.status, action=f"add {block}"))
    return refusals


def _find_times(
    availability: Availability,
    plan: CarePlan,
    course: Course,
    current: Mapping[str, Session],
    elsewhere: PatientTime,
    wishes: Wishes | None,
    now: datetime,
) -> dict[str, Wanted]:
    """The best times for the block beside the sessions that stand. Raises Refused (NO_PLAN)."""
    past = (availability.grid.midnights[0], int(now.timestamp()))
    asked = wishes or stored_wishes.from_json(plan.wishes, plan.earliest)
    persons = {**asked.practitioners, **courses.practitioners_of(current.values(), course)}
    answer = add_steps(
        availability,
        course,
        current,
        replace(asked, earliest=plan.earliest, latest=None, fixed={}, practitioners=persons),
        patient=PatientTime((*elsewhere.busy, past), elsewhere.treatments),
    )
    if not answer.proposals:
        steps = sorted(step.id for step in course.steps if step.id not in current)
        raise Refused([refuse(Code.NO_PLAN, steps=steps)])
    return {
        one.step: Wanted(write.instant(one.start), courses.practitioners_of([one], course))
        for one in answer.proposals[0].sessions
    }
