"""Add an optional block to a course, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduling.core.course import Course
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.wishes import Wishes
from scheduling.models import Appointment, CarePlan, CarePlanStatus
from scheduling.operations import eligibility
from scheduling.operations.actor import Actor
from scheduling.operations.add_sessions import add_sessions
from scheduling.operations.change import change
from scheduling.selectors import courses, protocols
from scheduling.snapshots import Snapshot


def add_block(
    *,
    actor: Actor,
    care_plan: CarePlan,
    block: str,
    version: int | None,
    now: datetime,
    wishes: Wishes | None = None,
) -> CarePlan:
    """Book every session of the block at the best times beside the sessions that stand.

    Raises Refused: UNKNOWN block, WRONG_STATE where the course is not active or has the block,
    STALE, NO_PLAN where the block finds no place.
    """

    def choose(plan: CarePlan, snapshot: Snapshot) -> Course:
        refusals = [
            *eligibility.patient_refusals(actor, plan.patient, "add_block"),
            *_refusals(plan, block, version),
        ]
        if refusals:
            raise Refused(refusals)
        before = {step.id for step in courses.course_of(plan, snapshot.services).steps}
        plan.blocks = [*plan.blocks, block]
        course = courses.course_of(plan, snapshot.services)
        added = {step.id for step in course.steps} - before
        return course.only(added | courses.standing_steps(plan))

    def finish(plan: CarePlan, appointments: Sequence[Appointment]) -> None:
        change(plan, blocks=[*plan.blocks, block], sessions=plan.sessions + len(appointments))

    add_sessions(
        actor=actor,
        care_plan=care_plan,
        choose=choose,
        finish=finish,
        facts={"block": block},
        version=version,
        now=now,
        wishes=wishes,
    )
    return CarePlan.objects.select_related("patient", "site").get(pk=care_plan.pk)


def _refusals(plan: CarePlan, block: str, version: int | None) -> list[Refusal]:
    blocks = {one.id for one in protocols.definition_of(plan.protocol_version).blocks}
    refusals = []
    if version not in (None, plan.version):
        refusals.append(refuse(Code.STALE, version=plan.version))
    if block not in blocks:
        refusals.append(refuse(Code.UNKNOWN, field="block", value=block))
    if plan.status != CarePlanStatus.ACTIVE or block in plan.blocks:
        refusals.append(refuse(Code.WRONG_STATE, state=plan.status, action=f"add {block}"))
    return refusals
