"""Give a hold back before it ends by itself."""

from __future__ import annotations

from datetime import datetime

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import CarePlan, CarePlanStatus
from scheduling.operations import atomic, eligibility, expire
from scheduling.operations.actor import Actor
from scheduling.operations.change import look_at_plan


def release(*, actor: Actor, care_plan: CarePlan, version: int | None, now: datetime) -> CarePlan:
    """Free every time of a held course. Raises Refused: WRONG_STATE, STALE, NOT_ALLOWED."""

    def work() -> CarePlan:
        plan = look_at_plan(care_plan, version)
        refusals = list(eligibility.patient_refusals(actor, plan.patient, "release"))
        if plan.status != CarePlanStatus.HELD:
            refusals.append(refuse(Code.WRONG_STATE, state=plan.status, action="release"))
        # Whatever has become of the patient, giving time back is never wrong.
        refusals = [one for one in refusals if one.code != Code.PATIENT_STATUS]
        if refusals:
            raise Refused(refusals)
        expire.release_plans([plan.pk], actor=actor, reason="", now=now)
        plan.refresh_from_db()
        return plan

    return atomic.run(work)
