"""What has to be done before a session and is overdue becomes a task of somebody's."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from scheduling.core.gates import Gate as GateCode
from scheduling.core.roles import Role
from scheduling.models import AppointmentStatus, CarePlanStatus, Gate, GateStatus, StaffTask
from scheduling.operations import staff_tasks

GATES_OPEN, CLINICAL_GATES_OPEN = "gates_open", "clinical_gates_open"
CLINICAL = frozenset({GateCode.CONSENT, GateCode.SCREENING, GateCode.FASTING, GateCode.REMS})
"""Whose answers the front desk does not read. Clearance has tasks of its own."""


def chase_gates(now: datetime) -> int:
    """Ask for every overdue gate of a session ahead, once a session and kind of staff; end the
    tasks of those that were closed meanwhile. May run twice. Returns how many sessions wait."""
    overdue = Gate.objects.filter(status=GateStatus.OPEN, due_at__lte=now).exclude(
        code=GateCode.CLEARANCE
    )
    waiting = overdue.filter(
        Q(appointment__status=AppointmentStatus.BOOKED, appointment__start__gt=now)
        | Q(appointment=None, care_plan__status=CarePlanStatus.ACTIVE)
    ).select_related("appointment__site", "care_plan__site")
    asked: set[tuple[str, object]] = set()
    for gate in waiting.order_by("due_at", "pk"):
        kind = CLINICAL_GATES_OPEN if gate.code in CLINICAL else GATES_OPEN
        subject = gate.appointment or gate.care_plan
        if subject is None or (kind, subject.pk) in asked:
            continue
        asked.add((kind, subject.pk))
        staff_tasks.open_task(
            kind,
            Role.NURSE if kind == CLINICAL_GATES_OPEN else Role.FRONT_DESK,
            site=subject.site,
            appointment=gate.appointment,
            care_plan=None if gate.appointment else gate.care_plan,
            due_at=gate.appointment.start if gate.appointment else gate.due_at,
            now=now,
        )
    kinds = [GATES_OPEN, CLINICAL_GATES_OPEN]
    settled = [
        task.pk
        for task in StaffTask.objects.filter(kind__in=kinds, finished_at=None)
        if (task.kind, task.appointment_id or task.care_plan_id) not in asked
    ]
    StaffTask.objects.filter(pk__in=settled).update(finished_at=now, outcome="settled")
    return len(asked)
