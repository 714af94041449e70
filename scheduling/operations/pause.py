"""Hold back the next treatments of a course; talk sessions stay. Why so: docs/adr/."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from scheduling.core import states
from scheduling.core.reasons import Cancelled
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.states import CARE_PLAN, CarePlanState
from scheduling.core.walltime import day_start, local_date
from scheduling.models import CarePlan
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.operations.change import change, look_at_plan
from scheduling.operations.release_treatments import release_treatments


def pause(
    *,
    actor: Actor,
    care_plan: CarePlan,
    reason: str,
    until: date | None = None,
    version: int | None,
    now: datetime,
) -> CarePlan:
    """Put the course on hold and give back its treatment times through the local day `until`, or
    all of them where no end is known. No treatment starts until it is resumed.

    Raises Refused: STALE, WRONG_STATE, NOT_ALLOWED, REASON_NEEDED or UNKNOWN for the reason,
    IN_THE_PAST where `until` is over.
    """

    def work() -> CarePlan:
        plan = look_at_plan(care_plan, version)
        require_plan_step(plan, CarePlanState.ON_HOLD, actor, reason)
        zone = plan.site.timezone
        if until is not None and until < local_date(now, zone):
            raise Refused([refuse(Code.IN_THE_PAST, start=until.isoformat())])
        given_back = release_treatments(
            actor=actor,
            care_plan=plan,
            reason=Cancelled.COURSE_PAUSED,
            until=day_start(until + timedelta(days=1), zone) if until else None,
            now=now,
        )
        before = plan.status
        change(plan, status=CarePlanState.ON_HOLD.value, reason=reason, paused_until=until)
        events.append(
            actor=actor,
            verb="paused",
            care_plan=plan,
            status_before=before,
            status_after=plan.status,
            reason=reason,
            facts={
                "until": until.isoformat() if until else None,
                "given_back": [one.step for one in given_back],
            },
            now=now,
        )
        return plan

    return atomic.run(work)


def require_plan_step(plan: CarePlan, to: CarePlanState, actor: Actor, reason: str = "") -> None:
    """Raise Refused with every reason why the actor may not take the plan to `to`."""
    refusals = states.transition_refusals(
        CARE_PLAN, CarePlanState(plan.status), to, actor.roles, reason=reason
    )
    if refusals:
        raise Refused(refusals)
