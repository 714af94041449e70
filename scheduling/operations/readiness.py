"""May this session start, and may this patient go? Asked at the moment it happens."""

from __future__ import annotations

from datetime import datetime

from scheduling.core import states
from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.gates import Gate, override_refusals
from scheduling.core.refusals import Code, Refusal, refuse
from scheduling.core.roles import Role
from scheduling.core.states import AppointmentState
from scheduling.core.walltime import local_date
from scheduling.models import Appointment, CarePlan, CarePlanStatus, Clearance, Event
from scheduling.operations import gates, occupancy
from scheduling.operations.actor import Actor

IN_THE_CHAIR = frozenset({AppointmentState.IN_PROGRESS, AppointmentState.RECOVERING})
CLEARED = frozenset({Clearance.CLEARED, Clearance.CONDITIONAL})


def start_refusals(
    appointment: Appointment, actor: Actor, override_reason: str, now: datetime
) -> tuple[tuple[Gate, ...], list[Refusal]]:
    """The gates that `override_reason` overrides, and every reason why the session may not start.

    A reason also starts it in a place that the records still show as occupied. Nothing overrides
    clearance, nor a course on hold.
    """
    refusals: list[Refusal] = []
    standing = gates.standing_open(appointment)
    for gate in standing:
        denied = override_refusals(gate, actor.roles, override_reason) if override_reason else ()
        if denied or not override_reason:
            refusals += [refuse(Code.GATE_OPEN, gate=gate.value), *denied]
    plan = appointment.care_plan
    if plan is not None and appointment.treatment:
        if plan.status == CarePlanStatus.ON_HOLD:
            refusals.append(refuse(Code.WRONG_STATE, state=plan.status, action="in_progress"))
        if Gate.CLEARANCE not in standing and not cleared(plan, now):
            refusals.append(refuse(Code.NOT_CLEARED))
    if not override_reason and occupancy.occupied(appointment, by=IN_THE_CHAIR):
        start = appointment.start.isoformat()
        refusals.append(refuse(Code.TAKEN, step=appointment.step, start=start))
    return standing, refusals


def cleared(plan: CarePlan, now: datetime) -> bool:
    """Whether a prescriber's clearance holds today; it ends with its last day."""
    until = plan.clearance_until
    today = local_date(now, plan.site.timezone)
    return plan.clearance in CLEARED and (until is None or today <= until)


def discharge_refusals(
    appointment: Appointment,
    definition: ServiceDefinition,
    actor: Actor,
    override_reason: str,
    now: datetime,
) -> list[Refusal]:
    """Why the patient may not go yet. Before the minimum observation a prescriber decides, and
    says why (esketamine: two hours, by its REMS; infusions: the clinic's own default)."""
    minutes = int((now - recovering_since(appointment)).total_seconds() // 60)
    refusals = states.discharge_refusals(minutes, definition.minimum_observation, actor.roles)
    early = minutes < definition.minimum_observation
    if early and not refusals and Role.PRESCRIBER in actor.roles and not override_reason.strip():
        return [refuse(Code.REASON_NEEDED, action="discharge")]
    return list(refusals)


def recovering_since(appointment: Appointment) -> datetime:
    """When the treatment ended. A discharge that was taken back does not start it anew."""
    entered = Event.objects.filter(
        appointment=appointment,
        status_before=AppointmentState.IN_PROGRESS,
        status_after=AppointmentState.RECOVERING,
    )
    return entered.latest("id").at
