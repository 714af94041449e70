"""Take back a cancellation that was made on a dosing day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduling.core.course import Course
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import Appointment, CarePlan, Gate, GateStatus
from scheduling.operations import eligibility, events
from scheduling.operations.actor import Actor
from scheduling.operations.add_sessions import add_sessions
from scheduling.operations.change import change, look_at_appointment
from scheduling.operations.complete import take_back_completion
from scheduling.operations.rebook import at_any_hour, settle_tasks
from scheduling.selectors import courses
from scheduling.selectors.undo import undo_deadlines
from scheduling.snapshots import Snapshot


def undo_cancel(*, actor: Actor, appointment: Appointment, now: datetime) -> Appointment:
    """Book the session again at its own time; return the new appointment. What was done for it,
    like naming who drives, stays done; the cancellation is no longer late, and a course that it had
    ended goes on.

    The time was not kept: somebody else may have it. Raises Refused: NOT_ALLOWED, WRONG_STATE
    where the cancellation cannot be undone (any more) or the step is booked again already,
    NO_PLAN or TAKEN where the time is gone or no longer keeps the rules of the course.
    """
    plan = appointment.care_plan
    if plan is None:
        raise Refused([refuse(Code.WRONG_STATE, state=appointment.status, action="undo")])

    def choose(seen: CarePlan, snapshot: Snapshot) -> Course:
        standing = courses.standing_steps(seen)
        refusals = list(eligibility.patient_refusals(actor, seen.patient, "undo"))
        if appointment.step in standing or appointment.pk not in undo_deadlines(seen, now):
            refusals.append(refuse(Code.WRONG_STATE, state=appointment.status, action="undo"))
        if refusals:
            raise Refused(refusals)
        course = courses.course_of(seen, snapshot.services)
        return course.only({appointment.step, *standing})

    booked_again: list[Appointment] = []

    def finish(seen: CarePlan, booked: Sequence[Appointment]) -> None:
        take_back_completion(seen, actor=actor, now=now)
        given_up = look_at_appointment(appointment, None)
        change(given_up, late=False)
        settle_tasks(booked, actor=actor, now=now)
        _keep_what_was_done(given_up, booked[0])
        events.append(actor=actor, verb="cancel_undone", appointment=given_up, now=now)
        booked_again[:] = booked

    add_sessions(
        actor=actor,
        care_plan=plan,
        choose=choose,
        finish=finish,
        facts={"again": True},
        version=None,
        now=now,
        wishes=at_any_hour(plan),
        fixed={appointment.step: int(appointment.start.timestamp())},
    )
    return booked_again[0]


def _keep_what_was_done(before: Appointment, again: Appointment) -> None:
    """Give the new session the gates that were closed for the old one; the rest open as usual."""
    Gate.objects.bulk_create(
        Gate(
            appointment=again,
            code=gate.code,
            status=gate.status,
            due_at=gate.due_at,
            note=gate.note,
            reason=gate.reason,
            closed_by_id=gate.closed_by_id,
            closed_at=gate.closed_at,
        )
        for gate in before.gates.exclude(status=GateStatus.OPEN)
    )
