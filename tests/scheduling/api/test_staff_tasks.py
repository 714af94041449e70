"""Tasks are seen, claimed and finished by the roles they are for."""

from __future__ import annotations

from uuid import uuid4

import pytest

from scheduling.core.roles import Role
from scheduling.models import StaffTask
from scheduling.operations.staff_tasks import open_task
from tests.factories import NOW, make_patient, make_site
from tests.scheduling.api.caller import Caller

pytestmark = pytest.mark.django_db


def make_task(role: Role = Role.NURSE, kind: str = "call_patient") -> StaffTask:
    site = make_site(f"site-{StaffTask.objects.count()}")
    return open_task(kind, role, site=site, patient=make_patient(), now=NOW)


@pytest.mark.parametrize("tasks", [1, 3])
def test_a_role_sees_its_own_tasks(
    nurse: Caller, django_assert_num_queries: object, tasks: int
) -> None:
    for _ in range(tasks):
        make_task(Role.NURSE)
    make_task(Role.PRESCRIBER)

    with django_assert_num_queries(4):  # session, user, second factor, tasks
        answer = nurse.get("staff-tasks/")

    assert [row["role"] for row in answer.json()["results"]] == ["nurse"] * tasks


def test_a_task_is_claimed_and_finished_with_its_outcome(nurse: Caller) -> None:
    task = make_task()

    claimed = nurse.post(f"staff-tasks/{task.pk}/claim/")
    finished = nurse.post(f"staff-tasks/{task.pk}/finish/", {"outcome": "reached", "note": "Fine"})

    assert claimed.json()["owner"] == "Nora Nurse"
    assert (finished.json()["outcome"], finished.json()["note"]) == ("reached", "Fine")
    assert nurse.get("staff-tasks/").json()["results"] == []
    assert len(nurse.get("staff-tasks/", finished="true").json()["results"]) == 1


def test_a_finished_task_is_not_claimed_again(nurse: Caller) -> None:
    task = make_task()
    nurse.post(f"staff-tasks/{task.pk}/finish/", {"outcome": "reached"})

    answer = nurse.post(f"staff-tasks/{task.pk}/claim/")

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_a_task_of_another_role_looks_like_one_that_is_not_there(nurse: Caller) -> None:
    task = make_task(Role.PRESCRIBER)

    others = nurse.post(f"staff-tasks/{task.pk}/claim/")
    absent = nurse.post(f"staff-tasks/{uuid4()}/claim/")

    assert others.status_code == absent.status_code == 404
    assert others.json() == absent.json()


def test_patients_have_no_tasks(owner: Caller) -> None:
    assert owner.get("staff-tasks/").status_code == 403
