"""Hold the times of an ended hold again."""

from __future__ import annotations

from datetime import datetime

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import AppointmentStatus, CarePlan, CarePlanStatus
from scheduling.operations.actor import Actor
from scheduling.operations.hold import Wanted, hold_course

ENDED = (CarePlanStatus.EXPIRED, CarePlanStatus.RELEASED)


def retake(*, actor: Actor, care_plan: CarePlan, now: datetime) -> CarePlan:
    """A new hold of every session of an ended one at its old time, or of none.

    Whoever is free gives the sessions; persons the patient had wished for are kept. A hold that is
    over but was not swept yet counts as ended. Raises Refused: WRONG_STATE, and what `hold_course`
    refuses: where a time is taken meanwhile, with free starts for that session.
    """
    over = care_plan.status == CarePlanStatus.HELD and (
        care_plan.expires_at is not None and care_plan.expires_at <= now
    )
    if not over and care_plan.status not in ENDED:
        raise Refused([refuse(Code.WRONG_STATE, state=care_plan.status, action="retake")])
    gone = (AppointmentStatus.HELD, AppointmentStatus.EXPIRED, AppointmentStatus.RELEASED)
    sessions = care_plan.appointments.filter(status__in=gone).values_list("step", "start")
    return hold_course(
        actor=actor,
        patient=care_plan.patient,
        protocol_version=care_plan.protocol_version,
        site=care_plan.site,
        sessions={step: Wanted(start) for step, start in sessions},
        blocks=care_plan.blocks,
        modes=care_plan.modes,
        wishes_json=care_plan.wishes,
        now=now,
    )
