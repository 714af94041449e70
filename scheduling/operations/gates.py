"""Close, reopen and override what must be true before a session starts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, Q

from scheduling.core import gates as policy
from scheduling.core.gates import Gate as GateCode
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.roles import Role
from scheduling.core.states import BLOCKING
from scheduling.models import (
    Appointment,
    CarePlan,
    CarePlanStatus,
    Gate,
    GateStatus,
)
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.operations.change import look_at_appointment, look_at_plan
from scheduling.protocols.services import service_from_json
from scheduling.selectors.courses import course_of

VERBS = {
    GateStatus.OPEN: "gate_reopened",
    GateStatus.CLOSED: "gate_closed",
    GateStatus.OVERRIDDEN: "gate_overridden",
}


def set_gate(
    *,
    actor: Actor,
    care_plan: CarePlan | None,
    code: str,
    status: str,
    appointment: Appointment | None = None,
    note: str = "",
    override_reason: str | None = None,
    version: int | None,
    now: datetime,
) -> Gate:
    """Set a gate of a plan or of one of its sessions, by the authority that `core.gates` gives.

    A gate that each session has for itself (a ride) is that of the plan's next session where none
    is named. `version` is the plan's, or the appointment's where `care_plan` is None; both change.
    Clearance of a course is a decision of its own (`clear`), not a gate to be ticked. Raises
    Refused: UNKNOWN, STALE, WRONG_STATE, NOT_ALLOWED, OVERRIDE_NOT_ALLOWED, REASON_NEEDED.
    """
    wanted = _read(code, status)

    def work() -> Gate:
        owner = _look(care_plan, appointment, version)
        refusals = _state_refusals(owner)
        if care_plan and appointment and appointment.care_plan_id != care_plan.pk:
            refusals.append(refuse(Code.UNKNOWN, field="appointment", value=str(appointment.pk)))
        refusals += authority_refusals(
            GateCode(code),
            wanted,
            actor.roles,
            override_reason or "",
            in_plan=bool(care_plan or (appointment and appointment.care_plan_id)),
        )
        if refusals:
            raise Refused(refusals)
        session = appointment or next_session(care_plan, GateCode(code))
        gate = put(
            actor=actor,
            care_plan=care_plan,
            appointment=session,
            code=GateCode(code),
            status=wanted,
            note=note,
            reason=override_reason or "",
            now=now,
        )
        # The gates stand in what the reader was shown: raise its version.
        plan = care_plan or (session.care_plan if session else None)
        if plan is not None:
            CarePlan.objects.filter(pk=plan.pk).update(version=F("version"))
        if session is not None:
            Appointment.objects.filter(pk=session.pk).update(version=F("version"))
        return gate

    return atomic.run(work)


def next_session(care_plan: CarePlan | None, code: GateCode) -> Appointment | None:
    """The plan's next session with a gate of that kind of its own, if there is one."""
    if care_plan is None or code in policy.COURSE_GATES:
        return None
    sessions = Appointment.objects.filter(
        care_plan=care_plan, status__in=BLOCKING, gates__code=code.value
    )
    return sessions.order_by("start").first()


def put(
    *,
    actor: Actor,
    care_plan: CarePlan | None,
    appointment: Appointment | None = None,
    code: GateCode,
    status: GateStatus,
    note: str = "",
    reason: str = "",
    now: datetime,
) -> Gate:
    """Write one gate and its event. Whether it may be is settled; part of the transaction.

    The note stands at the gate alone: it may name somebody else (who drives), and history stays.
    """
    gate = write(
        actor=actor,
        care_plan=care_plan,
        appointment=appointment,
        code=code,
        status=status,
        note=note,
        reason=reason,
        now=now,
    )
    events.append(
        actor=actor,
        verb=VERBS[status],
        care_plan=care_plan,
        appointment=appointment,
        reason=reason,
        facts={"gate": code.value},
        now=now,
    )
    return gate


def write(
    *,
    actor: Actor,
    care_plan: CarePlan | None,
    appointment: Appointment | None = None,
    code: GateCode,
    status: GateStatus,
    note: str = "",
    reason: str = "",
    now: datetime,
) -> Gate:
    """Write the row alone, for a caller whose own event says it. A session's gate names its
    appointment only, a course's gate its plan only."""
    standing = status != GateStatus.OPEN
    gate, _ = Gate.objects.update_or_create(
        care_plan=None if appointment else care_plan,
        appointment=appointment,
        code=code.value,
        defaults={
            "status": status,
            "note": note,
            "reason": reason if status == GateStatus.OVERRIDDEN else "",
            "closed_by": actor.user if standing else None,
            "closed_at": now if standing else None,
        },
    )
    return gate


def authority_refusals(
    code: GateCode, status: GateStatus, roles: Collection[Role], reason: str, *, in_plan: bool
) -> list[Refusal]:
    """Why somebody with `roles` may not bring the gate into `status`; empty where they may."""
    if in_plan and code == GateCode.CLEARANCE and status != GateStatus.OVERRIDDEN:
        action = f"{status} clearance"
        return [refuse(Code.NOT_ALLOWED, action=action, role=", ".join(sorted(roles)))]
    if status == GateStatus.OVERRIDDEN:
        return list(policy.override_refusals(code, roles, reason))
    return list(policy.close_refusals(code, roles))


def needed(appointment: Appointment) -> tuple[GateCode, ...]:
    """The gates that this session must pass: its service's, and those its protocol step adds."""
    codes = {rule.gate for rule in service_from_json(appointment.service.definition).gates}
    if appointment.care_plan is not None:
        steps = course_of(appointment.care_plan).steps
        codes.update(gate for step in steps if step.id == appointment.step for gate in step.gates)
    return tuple(code for code in GateCode if code.value in codes)


def standing_open(appointment: Appointment) -> tuple[GateCode, ...]:
    """Every gate still in the way of the session. One that nobody ever set is open."""
    own = Q(appointment=appointment)
    if appointment.care_plan_id:
        own |= Q(care_plan=appointment.care_plan_id, appointment=None)
    states: dict[str, set[str]] = {}
    for code, status in Gate.objects.filter(own).values_list("code", "status"):
        states.setdefault(code, set()).add(status)
    return tuple(
        code
        for code in needed(appointment)
        if GateStatus.OPEN in states.get(code.value, {GateStatus.OPEN})
    )


def _look(
    care_plan: CarePlan | None, appointment: Appointment | None, version: int | None
) -> CarePlan | Appointment:
    if care_plan is not None:
        return look_at_plan(care_plan, version)
    if appointment is not None:
        return look_at_appointment(appointment, version)
    raise ValueError("a gate belongs to a plan or to an appointment")


def _state_refusals(owner: CarePlan | Appointment) -> list[Refusal]:
    live = {CarePlanStatus.ACTIVE, CarePlanStatus.ON_HOLD}
    if owner.status in (live if isinstance(owner, CarePlan) else BLOCKING):
        return []
    return [refuse(Code.WRONG_STATE, state=owner.status, action="set_gate")]


def _read(code: str, status: str) -> GateStatus:
    refusals = []
    if code not in set(GateCode):
        refusals.append(refuse(Code.UNKNOWN, field="gate", value=code))
    if status not in GateStatus.values:
        refusals.append(refuse(Code.UNKNOWN, field="status", value=status))
    if refusals:
        raise Refused(refusals)
    return GateStatus(status)
