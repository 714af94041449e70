"""End a course early and cancel what is still ahead."""

from __future__ import annotations

from datetime import datetime

from scheduling.core.reasons import Cancelled
from scheduling.core.states import CarePlanState
from scheduling.models import CarePlan
from scheduling.operations import atomic, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.call_off import ahead, call_off
from scheduling.operations.change import change, look_at_plan
from scheduling.operations.clear import CLEARANCE_DUE, CLEARANCE_WANTED
from scheduling.operations.pause import require_plan_step


def revoke(
    *,
    actor: Actor,
    care_plan: CarePlan,
    reason: str,
    note: str = "",
    version: int | None,
    now: datetime,
) -> CarePlan:
    """End the course for one of the coded reasons. What has begun today goes on to its end.

    Raises Refused: STALE, WRONG_STATE, NOT_ALLOWED, REASON_NEEDED or UNKNOWN for the reason.
    """

    def work() -> CarePlan:
        plan = look_at_plan(care_plan, version)
        require_plan_step(plan, CarePlanState.REVOKED, actor, reason)
        cancelled = call_off(
            ahead(plan.pk, now), actor=actor, reason=Cancelled.COURSE_ENDED, now=now
        )
        before = plan.status
        change(plan, status=CarePlanState.REVOKED.value, reason=reason)
        staff_tasks.settle(
            [CLEARANCE_WANTED, CLEARANCE_DUE, "rebook_treatments"],
            actor=actor,
            outcome="course_revoked",
            care_plan=plan,
            now=now,
        )
        events.append(
            actor=actor,
            verb="revoked",
            care_plan=plan,
            status_before=before,
            status_after=plan.status,
            reason=reason,
            facts={"cancelled": [one.step for one in cancelled], "note": note},
            now=now,
        )
        return plan

    return atomic.run(work)
