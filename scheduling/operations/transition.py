"""One step of a session on its day: arrived, begun, recovering, discharged, or it did not happen.

Which steps exist and who takes them stands in `core.states`. Steps backwards are in `correct`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.roles import Role
from scheduling.core.states import APPOINTMENT, AppointmentState, transition_refusals
from scheduling.core.walltime import local_date
from scheduling.models import Appointment, Escalation, GateStatus
from scheduling.operations import atomic, correct, events, gates, occupancy, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from scheduling.operations.change import change, look_at_appointment
from scheduling.operations.complete import complete_if_over
from scheduling.operations.readiness import discharge_refusals, start_refusals
from scheduling.protocols.services import service_from_json

S = AppointmentState
DAY_STEPS = frozenset(
    {S.ARRIVED, S.IN_PROGRESS, S.RECOVERING, S.FULFILLED, S.STOPPED, S.NOSHOW, S.NOT_TREATED}
)
"""What this operation does. Confirming, releasing and cancelling are verbs of their own."""

CODED = frozenset({S.NOT_TREATED, S.STOPPED})

CALL_AFTER_NOSHOW = "call_after_noshow"
RECENT = timedelta(days=7)

STANDS_AFTER = timedelta(minutes=15)
"""A no-show may have been keyed by mistake: what follows from it waits so long. The clinic's own
default (clinical page, operations: 15 minutes of lateness, then the nurse decides)."""


def transition(
    *,
    actor: Actor,
    appointment: Appointment,
    to: str,
    note: str = "",
    reason: str = "",
    override_reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
    version: int | None,
    now: datetime,
) -> Appointment:
    """Take the session to the state `to`, forwards or (with a reason) back.

    `reason` is coded for `not_treated`, `stopped` and `cancelled`, free words for a correction.
    `override_reason` lets whoever has the authority start past an open gate or into a place that is
    still occupied, and a prescriber discharge early; it is recorded. `facts` stand in the event,
    such as what was looked at before a discharge: no names.

    Raises Refused with every reason: STALE, UNKNOWN, WRONG_STATE, NOT_ALLOWED, REASON_NEEDED,
    TOO_EARLY, GATE_OPEN, NOT_CLEARED, OVERRIDE_NOT_ALLOWED, OBSERVATION, TAKEN.
    """
    if to not in set(S):
        raise Refused([refuse(Code.UNKNOWN, field="to", value=to)])
    target = S(to)
    if target == S.CANCELLED:
        return cancel(
            actor=actor,
            appointment=appointment,
            reason=reason,
            note=note,
            version=version,
            now=now,
        )
    steps = [step for step in APPOINTMENT if step.source == appointment.status]
    if any(step.correction and step.target == target for step in steps):
        return correct.correct(
            actor=actor,
            appointment=appointment,
            to=target,
            reason=reason or note,
            version=version,
            now=now,
        )

    def work() -> Appointment:
        fresh = look_at_appointment(appointment, version)
        overridden = require_step(fresh, target, actor, reason, override_reason or "", now)
        for code in overridden:
            gates.put(
                actor=actor,
                care_plan=None,
                appointment=fresh,
                code=code,
                status=GateStatus.OVERRIDDEN,
                reason=override_reason or "",
                now=now,
            )
        before = fresh.status
        change(fresh, status=target.value, reason=reason if target in CODED else "")
        said = {**(facts or {}), **follow(fresh, target, actor, now)}
        if note:
            said["note"] = note
        events.append(
            actor=actor,
            verb=target.value,
            appointment=fresh,
            status_before=before,
            status_after=target.value,
            reason=override_reason or reason,
            facts=said,
            now=now,
        )
        if target == S.FULFILLED and fresh.care_plan is not None:
            complete_if_over(fresh.care_plan, actor=actor, now=now)
        return fresh

    return atomic.run(work)


def require_step(
    fresh: Appointment,
    target: AppointmentState,
    actor: Actor,
    reason: str,
    override_reason: str,
    now: datetime,
) -> tuple[gates.GateCode, ...]:
    """Raise Refused with every reason against the step; return the gates that are overridden."""
    state = S(fresh.status)
    definition = service_from_json(fresh.service.definition)
    refusals = list(
        transition_refusals(
            APPOINTMENT,
            state,
            target,
            actor.roles,
            recovery=definition.recovery,
            reason=reason,
        )
    )
    if target not in DAY_STEPS and not refusals:
        refusals = [refuse(Code.WRONG_STATE, state=state.value, action=target.value)]
    if any(refusal.code == Code.WRONG_STATE for refusal in refusals):
        raise Refused(refusals)
    refusals += timing_refusals(fresh, target, now)
    overridden: tuple[gates.GateCode, ...] = ()
    if target == S.IN_PROGRESS:
        overridden, why_not = start_refusals(fresh, actor, override_reason, now)
        refusals += why_not
    if (state, target) == (S.RECOVERING, S.FULFILLED):
        refusals += discharge_refusals(fresh, definition, actor, override_reason, now)
    if refusals:
        raise Refused(refusals)
    return overridden


def timing_refusals(fresh: Appointment, target: AppointmentState, now: datetime) -> list[Refusal]:
    """Nobody arrives on another day, and nobody is missed before the session should begin."""
    zone = fresh.site.timezone
    wrong_day = target == S.ARRIVED and local_date(now, zone) < local_date(fresh.start, zone)
    if wrong_day or (target == S.NOSHOW and now < fresh.start):
        return [refuse(Code.TOO_EARLY, action=target.value, start=fresh.start.isoformat())]
    return []


def follow(
    fresh: Appointment, target: AppointmentState, actor: Actor, now: datetime
) -> dict[str, Any]:
    """Free what is no longer needed and ask for what only a person can do; facts for the event."""
    minutes = {
        phase.name: timedelta(minutes=phase.minutes)
        for phase in service_from_json(fresh.service.definition).phases
    }
    turnover = minutes.get("turnover", timedelta())
    facts: dict[str, Any] = {}
    if target == S.FULFILLED:
        facts["held"] = occupancy.cut(fresh, people_until=now, places_until=now + turnover)
    elif target == S.STOPPED:
        # Whoever was given anything is watched as long as after a whole session.
        rest = now + minutes.get("recover", timedelta())
        facts["held"] = occupancy.cut(fresh, people_until=rest, places_until=rest + turnover)
        if fresh.treatment:
            _task("stopped_counts", Role.PRESCRIBER, fresh, now)
    elif target in (S.NOSHOW, S.NOT_TREATED):
        facts["held"] = occupancy.cut(fresh, people_until=now, places_until=now)
        occupancy.drop_spacing(fresh)
        if target == S.NOSHOW:
            staff_tasks.open_task(
                CALL_AFTER_NOSHOW,
                Role.FRONT_DESK,
                site=fresh.site,
                appointment=fresh,
                urgent=missed_by_somebody_at_risk(fresh.patient_id, now),
                due_at=now + STANDS_AFTER,
                now=now,
            )
        else:
            _task("rebook_session", Role.FRONT_DESK, fresh, now)
    return facts


def missed_by_somebody_at_risk(patient_id: UUID, now: datetime) -> bool:
    """Whether a no-show is to be called at once: an alert of theirs is open, or they were given a
    treatment within the last week. The clinic's own default."""
    treated = Appointment.objects.filter(
        patient_id=patient_id,
        treatment=True,
        status__in=(S.FULFILLED, S.STOPPED),
        start__gt=now - RECENT,
    )
    return (
        Escalation.objects.filter(patient_id=patient_id, ended_at=None).exists() or treated.exists()
    )


def _task(kind: str, role: Role, about: Appointment, now: datetime) -> None:
    staff_tasks.open_task(
        kind,
        role,
        site=about.site,
        appointment=about,
        urgent=staff_tasks.treatment_soon(about.patient_id, now),
        now=now,
    )
