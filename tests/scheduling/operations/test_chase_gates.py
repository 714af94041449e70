"""What is overdue before a session is asked for once, and no longer than it is open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.models import CarePlan, Gate, StaffTask
from scheduling.operations.chase_gates import chase_gates
from tests.factories import Clinic, at, make_patient
from tests.scheduling.operations.care import load_clinic, make_course, make_infusion

pytestmark = pytest.mark.django_db

START = at("2026-12-07 09:00")
NOW = START - timedelta(hours=20)


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


@pytest.fixture
def plan(clinic: Clinic) -> CarePlan:
    return make_course(make_patient("Ada", "Byron"), clinic)


def test_an_overdue_ride_is_the_desks_and_an_overdue_consent_the_nurses(
    clinic: Clinic, plan: CarePlan
) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)
    ride = Gate.objects.create(appointment=infusion, code="ride", due_at=NOW - timedelta(hours=1))
    Gate.objects.create(appointment=infusion, code="questionnaire", due_at=NOW)
    Gate.objects.create(care_plan=plan, code="consent", due_at=NOW)
    Gate.objects.create(care_plan=plan, code="clearance", due_at=NOW)
    Gate.objects.create(appointment=infusion, code="fasting", due_at=START)

    for _again in range(2):
        assert chase_gates(NOW) == 2

    tasks = {(task.kind, task.role): task for task in StaffTask.objects.all()}
    assert set(tasks) == {("gates_open", "front_desk"), ("clinical_gates_open", "nurse")}
    assert tasks["gates_open", "front_desk"].due_at == START

    Gate.objects.exclude(code="consent").filter(appointment=infusion).update(status="closed")
    assert ride.appointment == infusion
    assert chase_gates(NOW) == 1
    assert StaffTask.objects.get(kind="gates_open").outcome == "settled"


def test_nothing_is_asked_before_its_time_or_after_the_session(
    clinic: Clinic, plan: CarePlan
) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)
    Gate.objects.create(appointment=infusion, code="ride", due_at=NOW)

    assert chase_gates(NOW - timedelta(minutes=1)) == 0
    assert chase_gates(START) == 0
    assert not StaffTask.objects.exists()
