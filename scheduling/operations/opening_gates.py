"""Which gates a confirmed course has, and when each must be closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.course import Course
from scheduling.core.gates import COURSE_GATES
from scheduling.core.gates import Gate as GateCode
from scheduling.models import Appointment, CarePlan, Clearance, Gate, GateStatus

CLEARED = frozenset({Clearance.CLEARED, Clearance.CONDITIONAL})


def open_gates(
    appointments: Iterable[Appointment],
    services: Mapping[str, ServiceDefinition],
    *,
    course: Course | None = None,
    care_plan: CarePlan | None = None,
    now: datetime,
) -> list[Gate]:
    """Write the gates that these sessions must pass; return them.

    What is closed once for a course is due before its first session that asks for it; the rest
    stands at each session. A course whose clearance stands already has that gate closed.
    """
    added = {step.id: step.gates for step in course.steps} if course else {}
    once: dict[str, datetime] = {}
    gates: list[Gate] = []
    for one in appointments:
        rules = {rule.gate: rule.due_hours_before for rule in services[one.service_id].gates}
        for code in dict.fromkeys([*rules, *added.get(one.step, ())]):
            due = one.start - timedelta(hours=rules.get(code, 0))
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
    return Gate.objects.bulk_create(gates, ignore_conflicts=True)  # gate_once
