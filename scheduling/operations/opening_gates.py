"""Which gates a course has, and when each must be closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.course import Course
from scheduling.core.gates import COURSE_GATES
from scheduling.core.gates import Gate as GateCode
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    CarePlan,
    Clearance,
    Gate,
    GateStatus,
)
from scheduling.selectors import courses

AHEAD = frozenset({AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED})
CLEARED = frozenset({Clearance.CLEARED, Clearance.CONDITIONAL})


def open_gates(
    appointments: Iterable[Appointment],
    services: Mapping[str, ServiceDefinition],
    *,
    course: Course | None = None,
    care_plan: CarePlan | None = None,
    now: datetime,
) -> list[Gate]:
    """Write the gates that these sessions must pass; return them."""
    gates = gates_of(appointments, services, course=course, care_plan=care_plan, now=now)
    return Gate.objects.bulk_create(gates, ignore_conflicts=True)  # gate_once


def gates_of(
    appointments: Iterable[Appointment],
    services: Mapping[str, ServiceDefinition],
    *,
    course: Course | None = None,
    care_plan: CarePlan | None = None,
    now: datetime,
) -> list[Gate]:
    """The gates that these sessions must pass, unsaved.

    What is closed once for a course is due before its first session that asks for it; the rest
    stands at each session. A course whose clearance stands already has that gate closed.
    """
    once: dict[str, datetime] = {}
    gates: list[Gate] = []
    for one in appointments:
        for code, due in _dues(one, services, course):
            if care_plan is not None and GateCode(code) in COURSE_GATES:
                once[code] = min(due, once.get(code, due))
            else:
                gates.append(Gate(appointment=one, code=code, due_at=due))
    for code, due in once.items():
        closed = (
            care_plan is not None and code == GateCode.CLEARANCE and care_plan.clearance in CLEARED
        )
        gates.append(
            Gate(
                care_plan=care_plan,
                code=code,
                due_at=due,
                status=GateStatus.CLOSED if closed else GateStatus.OPEN,
                closed_at=now if closed else None,
            )
        )
    return gates


def date_course_gates(care_plan: CarePlan, services: Mapping[str, ServiceDefinition]) -> None:
    """Let what is closed once for the course be due before the first session that asks for it now.

    For whoever has moved, added or given up sessions. A gate that is closed keeps its date, as does
    one that no session ahead asks for.
    """
    course = courses.course_of(care_plan, services)
    first: dict[str, datetime] = {}
    for one in care_plan.appointments.filter(status__in=AHEAD):
        for code, due in _dues(one, services, course):
            first[code] = min(due, first.get(code, due))
    gates = Gate.objects.filter(care_plan=care_plan, appointment=None, status=GateStatus.OPEN)
    moved = [gate for gate in gates if first.get(gate.code, gate.due_at) != gate.due_at]
    for gate in moved:
        gate.due_at = first[gate.code]
    Gate.objects.bulk_update(moved, ["due_at"])


def _dues(
    appointment: Appointment, services: Mapping[str, ServiceDefinition], course: Course | None
) -> Iterable[tuple[str, datetime]]:
    """The gates a session asks for, its service's and its step's, and when each is due for it."""
    service = services[appointment.service_id]
    hours = {rule.gate: rule.due_hours_before for rule in service.gates}
    steps = course.steps if course else ()
    added = [gate for step in steps if step.id == appointment.step for gate in step.gates]
    for code in dict.fromkeys([*hours, *added]):
        yield code, appointment.start - timedelta(hours=hours.get(code, 0))
