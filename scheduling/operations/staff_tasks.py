"""Work that only a person can do: asked for once, owned by one, ended with an outcome."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.models import Patient
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.models import Appointment, AppointmentStatus, CarePlan, Site, StaffTask
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may

SOON = timedelta(days=7)
"""A treatment nearer than this makes a task urgent. The clinic's own default."""


def open_task(
    kind: str,
    role: Role,
    *,
    site: Site,
    now: datetime,
    patient: Patient | None = None,
    care_plan: CarePlan | None = None,
    appointment: Appointment | None = None,
    urgent: bool = False,
    due_at: datetime | None = None,
    facts: Mapping[str, Any] | None = None,
) -> StaffTask:
    """Ask for something; asking again while it is open changes nothing. The patient follows from
    appointment or plan, the plan from the appointment. Part of the caller's transaction."""
    about = appointment or care_plan
    subject = {
        "kind": kind,
        "patient_id": patient.pk if patient else about.patient_id if about else None,
        "care_plan_id": (
            care_plan.pk if care_plan else appointment.care_plan_id if appointment else None
        ),
        "appointment_id": appointment.pk if appointment else None,
    }
    task = StaffTask(
        **subject,
        site=site,
        role=role.value,
        urgent=urgent,
        due_at=due_at or now,
        facts=dict(facts or {}),
    )
    StaffTask.objects.bulk_create([task], ignore_conflicts=True)  # task_open_once
    return StaffTask.objects.get(**subject, finished_at=None)


def open_tasks(
    kind: str,
    role: Role,
    appointments: Iterable[Appointment],
    *,
    site: Site,
    urgent_until: datetime,
    due_at: datetime,
    facts: Mapping[str, Any],
) -> None:
    """`open_task` for many appointments in one statement; urgent where they begin before
    `urgent_until`. Part of the caller's transaction."""
    StaffTask.objects.bulk_create(
        (
            StaffTask(
                kind=kind,
                patient_id=one.patient_id,
                care_plan_id=one.care_plan_id,
                appointment=one,
                site=site,
                role=role.value,
                urgent=one.start < urgent_until,
                due_at=due_at,
                facts=dict(facts),
            )
            for one in appointments
        ),
        ignore_conflicts=True,  # task_open_once
    )


def treatment_soon(patient_id: UUID, now: datetime) -> bool:
    """Whether the patient has a treatment within the next week."""
    return Appointment.objects.filter(
        patient_id=patient_id,
        treatment=True,
        status=AppointmentStatus.BOOKED,
        start__gte=now,
        start__lt=now + SOON,
    ).exists()


def settle(
    kinds: Collection[str],
    *,
    actor: Actor,
    outcome: str,
    now: datetime,
    care_plan: CarePlan | None = None,
    appointment: Appointment | None = None,
    patient: Patient | None = None,
) -> None:
    """End open tasks about a plan, an appointment or a patient whose matter has settled itself."""
    about: dict[str, Any] = {"care_plan": care_plan}
    if appointment or patient:
        about = {"appointment": appointment} if appointment else {"patient": patient}
    StaffTask.objects.filter(kind__in=kinds, finished_at=None, **about).update(
        finished_at=now, outcome=outcome, owner=actor.user
    )


def claim(*, actor: Actor, task: StaffTask, now: datetime) -> StaffTask:
    """Make the task the actor's own. Raises Refused (NOT_ALLOWED, WRONG_STATE)."""
    require_may_work(actor, task)
    free = StaffTask.objects.filter(pk=task.pk, finished_at=None, owner=None)
    if not free.update(owner=actor.user):
        task.refresh_from_db()
        if task.finished_at is not None or task.owner_id != actor.user.pk:  # type: ignore[union-attr]
            raise Refused([refuse(Code.WRONG_STATE, state=state_of(task), action="claim")])
    task.refresh_from_db()
    return task


def require_may_work(actor: Actor, task: StaffTask) -> None:
    """Raises Refused (NOT_ALLOWED) where the task is for others."""
    if actor.user is None or not may(actor.user, Action.WORK_ON_TASK, task):
        roles = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action=Action.WORK_ON_TASK.value, role=roles)])


def state_of(task: StaffTask) -> str:
    """`open`, `claimed` or `finished`."""
    if task.finished_at is not None:
        return "finished"
    return "claimed" if task.owner_id else "open"
