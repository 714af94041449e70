"""A prescriber changes a course under way: adds sessions, changes their rhythm, or goes on by
another protocol. The patient sees new times and agrees; until then everything stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.roles import Role
from scheduling.models import (
    CarePlan,
    CarePlanStatus,
    ChangeKind,
    ChangeStatus,
    CourseChange,
    Protocol,
)
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.operations.change import look_at_plan
from scheduling.operations.heal import Healing, propose
from scheduling.selectors import courses, protocols

MOST_ADDED = 12
LONGEST_GAP = 90


def prescribe(
    *,
    actor: Actor,
    care_plan: CarePlan,
    kind: str,
    details: Mapping[str, Any],
    reason: str = "",
    version: int | None,
    now: datetime,
) -> tuple[CourseChange, Healing]:
    """Record the change and show what it would mean; an open one is replaced.

    Raises Refused: NOT_ALLOWED but for a prescriber, WRONG_STATE, STALE, UNKNOWN for a step that
    the protocol does not have or numbers beyond reason, REASON_NEEDED, or why no plan exists.
    """

    def work() -> tuple[CourseChange, Healing]:
        plan = look_at_plan(care_plan, version)
        refusals = _refusals(actor, plan, kind, details, reason)
        if refusals:
            raise Refused(refusals)
        plan.changes.filter(status=ChangeStatus.PROPOSED).update(
            status=ChangeStatus.WITHDRAWN, settled_at=now
        )
        made = CourseChange.objects.create(
            care_plan=plan,
            kind=kind,
            details=dict(details),
            reason=reason,
            made_by=actor.user,
            made_at=now,
        )
        healing = propose(actor=actor, care_plan=plan, now=now)
        _say("course_change_proposed", made, actor, now)
        return made, healing

    return atomic.run(work)


def withdraw_change(*, actor: Actor, change: CourseChange, now: datetime) -> None:
    """Take the change back before it is agreed to. Raises Refused (NOT_ALLOWED)."""

    def work() -> None:
        plan = look_at_plan(change.care_plan, None)
        if not actor.has(Role.PRESCRIBER):
            raise Refused([refuse(Code.NOT_ALLOWED, action="prescribe", role=actor.label)])
        rows = plan.changes.filter(pk=change.pk, status=ChangeStatus.PROPOSED)
        if rows.update(status=ChangeStatus.WITHDRAWN, settled_at=now):
            _say("course_change_withdrawn", change, actor, now)

    atomic.run(work)


def _say(verb: str, change: CourseChange, actor: Actor, now: datetime) -> None:
    events.append(
        actor=actor,
        verb=verb,
        care_plan=change.care_plan,
        reason=change.reason,
        facts={"change": str(change.pk), "kind": change.kind, **change.details},
        now=now,
    )


def _refusals(
    actor: Actor, plan: CarePlan, kind: str, details: Mapping[str, Any], reason: str
) -> list[Refusal]:
    if not actor.has(Role.PRESCRIBER):
        roles = ",".join(sorted(actor.roles))
        return [refuse(Code.NOT_ALLOWED, action="prescribe", role=roles)]
    refusals = []
    if plan.status != CarePlanStatus.ACTIVE:
        refusals.append(refuse(Code.WRONG_STATE, state=plan.status, action="prescribe"))
    if not reason.strip():
        refusals.append(refuse(Code.REASON_NEEDED, action="prescribe"))
    if kind == ChangeKind.SWITCH:
        return [*refusals, *_switch_refusals(plan, str(details.get("protocol", "")))]
    definition = protocols.definition_of(plan.protocol_version)
    step = str(details.get("step", ""))
    if kind == ChangeKind.ADD:
        known = {one.id for one in definition.added_by_prescriber}
        fits = 1 <= int(details.get("count", 0)) <= MOST_ADDED
    elif kind == ChangeKind.PACE:
        known = {one.step.rpartition(".")[0] for one in _gaps(plan)}
        low, target, high = (int(details.get(name, 0)) for name in ("min", "target", "max"))
        fits = 1 <= low <= target <= high <= LONGEST_GAP
    else:
        return [*refusals, refuse(Code.UNKNOWN, field="kind", value=kind)]
    if step not in known:
        refusals.append(refuse(Code.UNKNOWN, field="step", value=step))
    if not fits:
        refusals.append(refuse(Code.UNKNOWN, field="days", value=str(dict(details))))
    return refusals


def _switch_refusals(plan: CarePlan, slug: str) -> list[Refusal]:
    active = Protocol.objects.filter(slug=slug, active=True).exists()
    if active and slug != plan.protocol_version.protocol_id:
        return []
    return [refuse(Code.UNKNOWN, field="protocol", value=slug)]


def _gaps(plan: CarePlan) -> list[Any]:
    return [rule for rule in courses.course_of(plan).rules if rule.kind == "gap"]
