"""Take back a cancellation that was made on a dosing day or by a link in a message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduling.core.course import Course
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.models import Appointment, CarePlan, Gate, GateStatus
from scheduling.operations import eligibility, events
from scheduling.operations.actor import Actor
from scheduling.operations.add_sessions import add_sessions
from scheduling.operations.book import book_session
from scheduling.operations.change import change, look_at_appointment
from scheduling.operations.complete import take_back_completion
from scheduling.operations.rebook import at_any_hour, settle_tasks
from scheduling.selectors import courses
from scheduling.selectors.undo import people_before, undo_deadline, undo_deadlines
from scheduling.snapshots import Snapshot


def undo_cancel(*, actor: Actor, appointment: Appointment, now: datetime) -> Appointment:
    """Book the session again at its own time; return the new appointment. What was done for it,
    like naming who drives, stays done; the cancellation is no longer late, and a course that it had
    ended goes on. A visit outside of a course is with the same people as before.

    The time was not kept: somebody else may have it. Raises Refused: NOT_ALLOWED, WRONG_STATE
    where the cancellation cannot be undone (any more) or the step is booked again already,
    NO_PLAN or TAKEN where the time is gone or no longer keeps the rules of the course.
    """
    plan = appointment.care_plan
    if plan is None:
        return _undo_visit(actor, appointment, now)

    def choose(seen: CarePlan, snapshot: Snapshot) -> Course:
        standing = courses.standing_steps(seen)
        refusals = list(eligibility.patient_refusals(actor, seen.patient, "undo"))
        if appointment.step in standing or appointment.pk not in undo_deadlines(seen, now):
            refusals.append(_over(appointment))
        if refusals:
            raise Refused(refusals)
        course = courses.course_of(seen, snapshot.services)
        return course.only({appointment.step, *standing})

    booked_again: list[Appointment] = []

    def finish(seen: CarePlan, booked: Sequence[Appointment]) -> None:
        take_back_completion(seen, actor=actor, now=now)
        given_up = _take_back(actor, appointment, now)
        settle_tasks(booked, actor=actor, now=now)
        Gate.objects.bulk_create(_done_before(given_up, booked[0]))
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


def _undo_visit(actor: Actor, appointment: Appointment, now: datetime) -> Appointment:
    if undo_deadline(appointment, now) is None:
        raise Refused([_over(appointment)])

    def again(booked: Appointment, gates: list[Gate]) -> None:
        if undo_deadline(appointment, now) is None:  # somebody was quicker
            raise Refused([_over(appointment)])
        given_up = _take_back(actor, appointment, now)
        done = {gate.code: gate for gate in _done_before(given_up, booked)}
        gates[:] = [done.get(gate.code, gate) for gate in gates]

    return book_session(
        actor=actor,
        patient=appointment.patient,
        service=appointment.service,
        site=appointment.site,
        start=appointment.start,
        practitioners=people_before(appointment),
        mode=appointment.mode,
        now=now,
        again=again,
    )


def _take_back(actor: Actor, appointment: Appointment, now: datetime) -> Appointment:
    """Under the patient's lock. It is late no more."""
    given_up = look_at_appointment(appointment, None)
    change(given_up, late=False)
    events.append(actor=actor, verb="cancel_undone", appointment=given_up, now=now)
    return given_up


def _over(appointment: Appointment) -> Refusal:
    return refuse(Code.WRONG_STATE, state=appointment.status, action="undo")


def _done_before(before: Appointment, again: Appointment) -> list[Gate]:
    """The gates that were closed for the old session, for the new one; the rest open as usual."""
    return [
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
    ]
