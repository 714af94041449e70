"""Make a held course the patient's own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from scheduling.core import states
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.roles import Role
from scheduling.core.walltime import local_date
from scheduling.locks import lock_resources
from scheduling.models import Appointment, AppointmentStatus, CarePlan, Gate, GateCode, Reservation
from scheduling.operations import atomic, eligibility, events, staff_tasks, write
from scheduling.operations.actor import Actor
from scheduling.operations.change import change, look_at_plan
from scheduling.operations.clear import CLEARANCE_WANTED
from scheduling.operations.opening_gates import CLEARED, open_gates
from scheduling.selectors import courses, services


def confirm(*, actor: Actor, care_plan: CarePlan, version: int | None, now: datetime) -> CarePlan:
    """Turn a hold into an active course, its sessions booked, its gates open.

    Treatments stay reserved until a prescriber has cleared the patient, who is asked for that by
    a task. A visitor signs in first (`claim`). Raises Refused: HOLD_EXPIRED, WRONG_STATE, STALE,
    NOT_ALLOWED, PATIENT_STATUS, TOO_YOUNG, SECOND_TREATMENT_PLAN.
    """

    def work() -> CarePlan:
        plan = look_at_plan(care_plan, version)
        known = services.definitions()
        sessions = list(plan.appointments.filter(status=AppointmentStatus.HELD))
        refusals = _refusals(plan, sessions, actor, known, now)
        if refusals:
            raise Refused(refusals)
        ids = [one.pk for one in sessions]
        change(plan, status=states.CarePlanState.ACTIVE.value, expires_at=None)
        keep_for_good(ids)
        booked = book_held(ids, actor=actor, now=now)
        gates = open_gates(
            booked, known, course=courses.course_of(plan, known), care_plan=plan, now=now
        )
        if plan.clearance not in CLEARED:
            _ask_for_clearance(plan, gates, now)
        return plan

    return atomic.run(work)


def keep_for_good(appointments: Collection[UUID]) -> None:
    """What these appointments (by id) block no longer ends by itself. Locks the resources."""
    held = Reservation.objects.filter(appointment__in=appointments)
    lock_resources(held.values_list("resource_id", flat=True))
    write.set_expiry(appointments, None)


def book_held(ids: Collection[UUID], *, actor: Actor, now: datetime) -> list[Appointment]:
    """Held appointments become booked; one event each. Part of the caller's transaction."""
    held = Appointment.objects.filter(pk__in=ids, status=AppointmentStatus.HELD)
    if held.update(status=AppointmentStatus.BOOKED, expires_at=None) != len(ids):
        raise Refused([refuse(Code.STALE)])
    booked = list(Appointment.objects.filter(pk__in=ids).order_by("start", "pk"))
    events.append_all(
        events.entry(
            actor=actor,
            verb="booked",
            appointment=one,
            status_before=AppointmentStatus.HELD,
            status_after=one.status,
            facts={"start": one.start.isoformat()},
            now=now,
        )
        for one in booked
    )
    return booked


def _refusals(
    plan: CarePlan,
    sessions: list[Appointment],
    actor: Actor,
    known: courses.Services,
    now: datetime,
) -> list[Refusal]:
    state = states.CarePlanState(plan.status)
    if state == states.CarePlanState.EXPIRED or (
        state == states.CarePlanState.HELD and plan.expires_at and plan.expires_at <= now
    ):
        expired_at = plan.expires_at.isoformat() if plan.expires_at else ""
        return [refuse(Code.HOLD_EXPIRED, expired_at=expired_at)]
    refusals = list(
        states.transition_refusals(
            states.CARE_PLAN, state, states.CarePlanState.ACTIVE, actor.roles
        )
    )
    if state != states.CarePlanState.HELD:
        return refusals or [refuse(Code.WRONG_STATE, state=state.value, action="confirm")]
    if actor.user is None:
        refusals.append(refuse(Code.NOT_ALLOWED, action="confirm", role=actor.label))
    today = local_date(now, plan.site.timezone)
    refusals += eligibility.patient_refusals(actor, plan.patient, "confirm")
    refusals += eligibility.age_refusals(
        plan.patient, [known[one.service_id] for one in sessions], today
    )
    refusals += eligibility.second_plan_refusals(
        actor, plan.patient, treats=any(one.treatment for one in sessions)
    )
    return refusals


def _ask_for_clearance(plan: CarePlan, gates: list[Gate], now: datetime) -> None:
    due = [gate.due_at for gate in gates if gate.code == GateCode.CLEARANCE and gate.due_at]
    if due:
        staff_tasks.open_task(
            CLEARANCE_WANTED,
            Role.PRESCRIBER,
            site=plan.site,
            care_plan=plan,
            due_at=min(due),
            urgent=staff_tasks.treatment_soon(plan.patient_id, now),
            now=now,
        )
