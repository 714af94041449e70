"""A patient says whether they come."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.models import Appointment, AppointmentStatus, Attendance
from scheduling.operations import atomic, eligibility, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.change import change, look_at_appointment

VERBS = {
    Attendance.ACCEPTED: "attendance_accepted",
    Attendance.TENTATIVE: "attendance_tentative",
    Attendance.DECLINED: "attendance_declined",
}

ATTENDANCE_DECLINED = "attendance_declined"
SOON = timedelta(hours=48)
"""A visit nearer than this that its patient declines is urgent: its time can still be given to
somebody else. The clinic's own default."""


def answer_attendance(
    *,
    actor: Actor,
    appointment: Appointment,
    answer: Attendance,
    sequence: int,
    now: datetime,
) -> Appointment:
    """Note what the patient says about the time of calendar revision `sequence`. The same answer
    again changes nothing, and no answer cancels anything: the front desk is asked to talk with
    whoever does not come. The database forgets the answer with the next time, and ends the
    question where the visit is moved, given up or accepted after all.

    Raises Refused: NOT_ALLOWED, STALE where the time has changed since, WRONG_STATE once the
    session is over or no longer booked.
    """

    def work() -> Appointment:
        seen = look_at_appointment(appointment, None)
        refusals = list(eligibility.patient_refusals(actor, seen.patient, "answer"))
        if seen.status != AppointmentStatus.BOOKED or seen.start <= now:
            refusals.append(refuse(Code.WRONG_STATE, state=seen.status, action="answer"))
        if seen.sequence != sequence:
            refusals.append(refuse(Code.STALE, version=seen.version))
        if refusals:
            raise Refused(refusals)
        if seen.attendance != answer:
            change(seen, attendance=answer)
            events.append(actor=actor, verb=VERBS[answer], appointment=seen, now=now)
            if answer == Attendance.DECLINED:
                staff_tasks.open_task(
                    ATTENDANCE_DECLINED,
                    Role.FRONT_DESK,
                    site=seen.site,
                    appointment=seen,
                    urgent=seen.start - now < SOON,
                    now=now,
                )
        return seen

    return atomic.run(work)
