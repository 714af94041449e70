"""History: one row for every change, written in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from accounts.models import Patient
from scheduling.models import Appointment, CarePlan, Event
from scheduling.operations.actor import Actor
from scheduling.operations.insert import insert


def entry(
    *,
    actor: Actor,
    verb: str,
    appointment: Appointment | None = None,
    care_plan: CarePlan | None = None,
    patient: Patient | None = None,
    status_before: str = "",
    status_after: str = "",
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
    now: datetime,
) -> Event:
    """An unsaved event. Plan and patient follow from the appointment where they are not given."""
    plan_id = care_plan.pk if care_plan else appointment.care_plan_id if appointment else None
    subject = appointment or care_plan
    patient_id = patient.pk if patient else subject.patient_id if subject else None
    return Event(
        at=now,
        actor=actor.user,
        actor_label=actor.label,
        verb=verb,
        appointment=appointment,
        care_plan_id=plan_id,
        patient_id=patient_id,
        status_before=status_before,
        status_after=status_after,
        sequence=appointment.sequence if appointment else 0,
        reason=reason,
        facts=dict(facts or {}),
    )


def append(*, now: datetime, actor: Actor, verb: str, **what: Any) -> Event:
    """Write one event; the arguments are those of `entry`."""
    event = entry(actor=actor, verb=verb, now=now, **what)
    insert([event])
    return event


def append_all(events: Iterable[Event]) -> None:
    """Write many events in one statement."""
    insert(list(events))
