"""Go on by another protocol: what is ahead of the old course is given back and the new one booked,
in one transaction, once the patient has agreed to its times."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scheduling import proposals, stored_wishes
from scheduling.core.reasons import Revoked
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.walltime import local_date
from scheduling.models import (
    AppointmentStatus,
    CarePlan,
    CarePlanStatus,
    ChangeStatus,
    CourseChange,
)
from scheduling.operations import atomic, eligibility, events
from scheduling.operations.actor import Actor
from scheduling.operations.call_off import ahead
from scheduling.operations.change import look_at_plan
from scheduling.operations.confirm import confirm
from scheduling.operations.hold import Wanted, hold_course
from scheduling.operations.revoke import revoke
from scheduling.selectors.course_search import SearchResult, search
from scheduling.selectors.protocols import latest


def find_switch(change: CourseChange, now: datetime) -> SearchResult:
    """The best course of the other protocol, within what the patient once asked for, with the times
    of the old one free. Writes nothing."""
    plan = change.care_plan
    today = local_date(now, plan.site.timezone)
    wishes = stored_wishes.from_json(plan.wishes, plan.earliest)
    given_up = ahead(plan.pk, now).filter(status=AppointmentStatus.BOOKED)
    return search(
        site=plan.site,
        protocol_version=latest(change.details["protocol"]),
        wishes=replace(wishes, earliest=today, latest=None, fixed={}, practitioners={}),
        modes=plan.modes,
        patient=plan.patient,
        giving_up=list(given_up.prefetch_related("reservations")),
        limit=1,
        now=now,
    )


def agree_to_switch(
    *, actor: Actor, change: CourseChange, proposal: str, version: int | None, now: datetime
) -> CarePlan:
    """End the old course as the prescriber decided and book the one that was shown: both or
    neither. `proposal` is its token.

    Raises Refused: NOT_ALLOWED, WRONG_STATE where the change is not open any more, STALE,
    PROPOSAL_INVALID, PROPOSAL_EXPIRED, and whatever holding and confirming say.
    """
    chosen = proposals.read(proposal, now)

    def work() -> CarePlan:
        plan = look_at_plan(change.care_plan, version)
        refusals = list(eligibility.patient_refusals(actor, plan.patient, "switch"))
        rows = plan.changes.filter(pk=change.pk, status=ChangeStatus.PROPOSED)
        if change.details.get("protocol") != chosen.protocol_version.protocol_id:
            refusals.append(refuse(Code.PROPOSAL_INVALID))
        if plan.status != CarePlanStatus.ACTIVE or not rows.exists() or change.made_by is None:
            refusals.append(refuse(Code.WRONG_STATE, state=plan.status, action="switch"))
        if refusals or change.made_by is None:
            raise Refused(refusals)
        rows.update(status=ChangeStatus.AGREED, settled_at=now)
        prescriber = Actor.of(change.made_by)
        revoke(actor=prescriber, care_plan=plan, reason=Revoked.SWITCHED, version=None, now=now)
        held = hold_course(
            actor=prescriber,
            patient=plan.patient,
            protocol_version=chosen.protocol_version,
            site=chosen.site,
            sessions={one.step: Wanted(one.start, one.practitioners) for one in chosen.sessions},
            blocks=chosen.blocks,
            modes=chosen.modes,
            wishes_json=chosen.wishes,
            reason=change.reason,
            now=now,
        )
        events.append(
            actor=actor,
            verb="course_switched",
            care_plan=held,
            facts={"change": str(change.pk), "from": str(plan.pk)},
            now=now,
        )
        return confirm(actor=actor, care_plan=held, version=None, now=now)

    return atomic.run(work)
