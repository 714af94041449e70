"""Hold back the next treatments of a course; talk sessions stay. Why so: docs/adr/."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from scheduling.core import states
from scheduling.core.reasons import Cancelled
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.roles import Role
from scheduling.core.states import CARE_PLAN, CarePlanState
from scheduling.core.walltime import day_start, local_date
from scheduling.models import Appointment, CarePlan
from scheduling.operations import atomic, eligibility, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.call_off import ahead, call_off
from scheduling.operations.change import change, look_at_plan

CALL_PATIENT = "call_before_next_treatment"

PATIENT_PAUSE = timedelta(days=2)
"""How far a patient's own pause reaches: the treatments of so many days after today are given back,
for the talk may come too late for them. Later ones stay booked and wait for it. The clinic's own
default."""

CALL_WITHIN = timedelta(hours=24)
"""How soon a clinician calls after a patient's pause. The clinic's own default."""


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

    A patient does so with one tap and without a fee: their pause reaches as far as `PATIENT_PAUSE`,
    and a clinician is asked to call. Only staff choose `until`. Raises Refused: STALE,
    WRONG_STATE, NOT_ALLOWED, REASON_NEEDED or UNKNOWN for the reason, IN_THE_PAST where `until` is
    over.
    """

    def work() -> CarePlan:
        plan = look_at_plan(care_plan, version)
        require_plan_step(plan, CarePlanState.ON_HOLD, actor, reason)
        refusals = [
            # Whatever has become of the patient, holding treatments back is never wrong.
            *(
                one
                for one in eligibility.patient_refusals(actor, plan.patient, "pause")
                if one.code != Code.PATIENT_STATUS
            ),
            *_until_refusals(plan, until, actor, now),
        ]
        if refusals:
            raise Refused(refusals)
        own_end = local_date(now, plan.site.timezone) + PATIENT_PAUSE
        last = until if actor.staff else own_end
        given_back = _give_back(plan, last, actor, now)
        before = plan.status
        change(plan, status=CarePlanState.ON_HOLD.value, reason=reason, paused_until=last)
        if not actor.staff:
            staff_tasks.open_task(
                CALL_PATIENT,
                Role.CLINICIAN,
                site=plan.site,
                care_plan=plan,
                urgent=True,
                due_at=now + CALL_WITHIN,
                facts={"reason": reason},
                now=now,
            )
        events.append(
            actor=actor,
            verb="paused",
            care_plan=plan,
            status_before=before,
            status_after=plan.status,
            reason=reason,
            facts={
                "until": last.isoformat() if last else None,
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


def _until_refusals(
    plan: CarePlan, until: date | None, actor: Actor, now: datetime
) -> Iterator[Refusal]:
    if until is None:
        return
    if not actor.staff:
        role = ", ".join(sorted(actor.roles))
        yield refuse(Code.NOT_ALLOWED, action="pause until", role=role)
    if until < local_date(now, plan.site.timezone):
        yield refuse(Code.IN_THE_PAST, start=until.isoformat())


def _give_back(plan: CarePlan, last: date | None, actor: Actor, now: datetime) -> list[Appointment]:
    """Call off the treatments ahead, through the local day `last`. It is never late: no fee."""
    treatments = ahead(plan.pk, now).filter(treatment=True)
    if last is not None:
        end = day_start(last + timedelta(days=1), plan.site.timezone)
        treatments = treatments.filter(start__lt=end)
    return call_off(treatments, actor=actor, reason=Cancelled.COURSE_PAUSED, now=now)
