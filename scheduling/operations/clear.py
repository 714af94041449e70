"""A prescriber's decision about a course's treatments. The software never clears anyone."""

from __future__ import annotations

from datetime import date, datetime

from scheduling.core.gates import Gate
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.roles import Role
from scheduling.core.walltime import local_date
from scheduling.models import CarePlan, CarePlanStatus, Clearance, GateStatus
from scheduling.operations import atomic, events, gates, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.change import change, look_at_plan
from scheduling.selectors.clearance import TELL_DECLINE

CLEARANCE_WANTED = "clearance_wanted"
CLEARANCE_DUE = "clearance_due"

VERBS = {
    Clearance.CLEARED: "cleared",
    Clearance.CONDITIONAL: "cleared_conditionally",
    Clearance.DECLINED: "clearance_declined",
    Clearance.WITHDRAWN: "clearance_withdrawn",
    Clearance.PENDING: "clearance_reopened",
    Clearance.EXPIRED: "clearance_expired",
}
HOLDS = frozenset({Clearance.CLEARED, Clearance.CONDITIONAL})
LIVE = frozenset({CarePlanStatus.ACTIVE, CarePlanStatus.ON_HOLD})


def clear(
    *,
    actor: Actor,
    care_plan: CarePlan,
    decision: str,
    note: str = "",
    condition: str = "",
    until: date | None = None,
    version: int | None = None,
    now: datetime,
) -> CarePlan:
    """Record `cleared`, `conditional` (with its condition) or `declined`; prescribers only.

    `until` is the last local day on which it holds; None: no end. Only now are treatments confirmed
    rather than reserved. After a decline nothing is cancelled yet: a person tells the patient
    first, then the treatment times go back (`finish_task`). A later decision replaces an earlier.

    Raises Refused: NOT_ALLOWED, UNKNOWN decision, STALE, WRONG_STATE, REASON_NEEDED without a
    condition, IN_THE_PAST for a day that is over.
    """
    decisions = {Clearance.CLEARED, Clearance.CONDITIONAL, Clearance.DECLINED}
    require_prescriber(actor, "clear")
    if decision not in decisions:
        raise Refused([refuse(Code.UNKNOWN, field="decision", value=decision)])
    decided = Clearance(decision)

    def work() -> CarePlan:
        plan = look_at_plan(care_plan, version)
        refusals = state_refusals(plan, "clear")
        if decided == Clearance.CONDITIONAL and not condition.strip():
            refusals.append(refuse(Code.REASON_NEEDED, action="clear conditionally"))
        if until is not None and until < local_date(now, plan.site.timezone):
            refusals.append(refuse(Code.IN_THE_PAST, start=until.isoformat()))
        if refusals:
            raise Refused(refusals)
        holds = decided in HOLDS
        set_clearance(
            plan,
            decided,
            actor=actor,
            note=note,
            condition=condition if decided == Clearance.CONDITIONAL else "",
            until=until if holds else None,
            now=now,
        )
        staff_tasks.settle(
            [CLEARANCE_WANTED, CLEARANCE_DUE, *([TELL_DECLINE] if holds else [])],
            actor=actor,
            outcome=decided.value,
            care_plan=plan,
            now=now,
        )
        if not holds:
            staff_tasks.open_task(
                TELL_DECLINE,
                Role.PRESCRIBER,
                site=plan.site,
                care_plan=plan,
                urgent=staff_tasks.treatment_soon(plan.patient_id, now),
                now=now,
            )
        return plan

    return atomic.run(work)


def withdraw_clearance(
    *, actor: Actor, care_plan: CarePlan, note: str, version: int | None = None, now: datetime
) -> CarePlan:
    """Take a clearance back: treatments are only reserved again, and none may start.

    A prescriber withdraws it; the scheduler reopens it, when an answer of the patient's asks for a
    prescriber's eyes. Raises Refused: NOT_ALLOWED, REASON_NEEDED, STALE, WRONG_STATE.
    """
    if not actor.has(Role.SYSTEM):
        require_prescriber(actor, "withdraw_clearance")
    if not note.strip():
        raise Refused([refuse(Code.REASON_NEEDED, action="withdraw_clearance")])

    def work() -> CarePlan:
        plan = look_at_plan(care_plan, version)
        refusals = state_refusals(plan, "withdraw_clearance")
        if plan.clearance not in HOLDS:
            refusals.append(
                refuse(Code.WRONG_STATE, state=plan.clearance, action="withdraw_clearance")
            )
        if refusals:
            raise Refused(refusals)
        to = Clearance.PENDING if actor.has(Role.SYSTEM) else Clearance.WITHDRAWN
        lose_clearance(plan, to, actor=actor, note=note, now=now)
        return plan

    return atomic.run(work)


def lose_clearance(
    plan: CarePlan, to: Clearance, *, actor: Actor, note: str = "", now: datetime
) -> None:
    """Reopen the gate and ask a prescriber. Part of the caller's transaction."""
    set_clearance(plan, to, actor=actor, note=note, now=now)
    staff_tasks.open_task(
        CLEARANCE_WANTED,
        Role.PRESCRIBER,
        site=plan.site,
        care_plan=plan,
        urgent=staff_tasks.treatment_soon(plan.patient_id, now),
        now=now,
    )


def set_clearance(
    plan: CarePlan,
    to: Clearance,
    *,
    actor: Actor,
    note: str = "",
    condition: str = "",
    until: date | None = None,
    now: datetime,
) -> None:
    """Write plan, gate and event. Part of the caller's transaction."""
    before = plan.clearance
    change(plan, clearance=to, clearance_condition=condition, clearance_until=until)
    gates.write(
        actor=actor,
        care_plan=plan,
        code=Gate.CLEARANCE,
        status=GateStatus.CLOSED if to in HOLDS else GateStatus.OPEN,
        note=note,
        now=now,
    )
    events.append(
        actor=actor,
        verb=VERBS[to],
        care_plan=plan,
        status_before=before,
        status_after=to.value,
        reason=note,
        facts={
            key: value
            for key, value in {
                "condition": condition,
                "until": until.isoformat() if until else "",
            }.items()
            if value
        },
        now=now,
    )


def require_prescriber(actor: Actor, action: str) -> None:
    """Raises Refused (NOT_ALLOWED) for anybody else."""
    if not actor.has(Role.PRESCRIBER):
        roles = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action=action, role=roles)])


def state_refusals(plan: CarePlan, action: str) -> list[Refusal]:
    """Only a course that is under way has a clearance to decide."""
    if plan.status in LIVE:
        return []
    return [refuse(Code.WRONG_STATE, state=plan.status, action=action)]
