"""What needs a person: an owner, one obvious action, and an end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from scheduling.core.roles import Role
from scheduling.core.walltime import local
from scheduling.models import StaffTask
from scheduling.operations.staff_tasks import open_task
from scheduling.web.desk.tasks import WORDS, page_of, task_row
from tests.factories import NOW, make_patient
from tests.scheduling.operations.care import make_talk
from tests.scheduling.web.desk.day import clinic_with_a_course, desk_of, today_at

pytestmark = pytest.mark.django_db


def test_each_sees_the_tasks_of_their_roles_the_urgent_first() -> None:
    clinic, plan = clinic_with_a_course()
    open_task("clearance_wanted", Role.PRESCRIBER, site=clinic.site, care_plan=plan, now=NOW)
    open_task("call_back", Role.FRONT_DESK, site=clinic.site, patient=plan.patient, now=NOW)
    talk = make_talk(plan, clinic, "prep.1", today_at(9, days=2))
    open_task(
        "step_cancelled",
        Role.FRONT_DESK,
        site=clinic.site,
        appointment=talk,
        urgent=True,
        now=NOW,
    )

    desk = desk_of("front_desk").get("/desk/inbox/").content.decode()
    prescriber = desk_of("prescriber").get("/desk/inbox/").content.decode()

    assert desk.index("A session was cancelled: book it again or let it go: ") < desk.index(
        "Call back: "
    )
    assert "Decide about treatment" in prescriber
    assert "Call back" not in prescriber


def test_a_task_is_not_late_before_anybody_could_have_seen_it() -> None:
    clinic, plan = clinic_with_a_course()
    now = timezone.now()
    task = open_task(
        "call_back",
        Role.FRONT_DESK,
        site=clinic.site,
        patient=plan.patient,
        due_at=now - timedelta(minutes=1),
        now=now,
    )
    assert "due now" in desk_of("front_desk").get("/desk/inbox/").content.decode()

    StaffTask.objects.filter(pk=task.pk).update(created_at=now - timedelta(hours=1))

    page = desk_of("front_desk").get("/desk/inbox/").content.decode()
    assert "was due" in page
    assert "due now" not in page


def test_a_task_says_which_session_it_is_about() -> None:
    clinic, plan = clinic_with_a_course()
    session = make_talk(plan, clinic, "prep.1", today_at(9, days=2))
    task = open_task(
        "repair_unplaced", Role.FRONT_DESK, site=clinic.site, appointment=session, now=NOW
    )

    page = desk_of("front_desk").get(f"/desk/inbox/{task.pk}/").content.decode()

    assert session.service.title in page
    assert f'datetime="{local(session.start, clinic.site.timezone).isoformat()}"' in page


def test_a_task_is_taken_on_by_one_and_ends_with_an_outcome() -> None:
    clinic, plan = clinic_with_a_course()
    task = open_task("call_back", Role.FRONT_DESK, site=clinic.site, patient=plan.patient, now=NOW)
    dana, dora = desk_of("front_desk"), desk_of("front_desk")

    dana.post(f"/desk/inbox/{task.pk}/take/")
    second = dora.post(f"/desk/inbox/{task.pk}/take/", follow=True).content.decode()
    assert "This cannot be done now" in second
    nothing = dana.post(f"/desk/inbox/{task.pk}/end/", {"outcome": "magic"}, follow=True)
    assert "Please say why." in nothing.content.decode()
    dana.post(f"/desk/inbox/{task.pk}/end/", {"outcome": "reached", "note": "Comes on Monday"})

    task.refresh_from_db()
    assert (task.outcome, task.note) == ("reached", "Comes on Monday")


def test_every_kind_that_the_code_opens_has_words_and_a_place() -> None:
    clinic, plan = clinic_with_a_course()
    talk = make_talk(plan, clinic, "prep.1", today_at(9, days=2))
    for kind in WORDS:
        task = open_task(kind, Role.FRONT_DESK, site=clinic.site, appointment=talk, now=NOW)
        assert page_of(task).startswith("/desk/")
        assert task_row(task)["words"] == WORDS[kind]


@pytest.mark.parametrize("tasks", [1, 3, 9])
def test_the_list_takes_as_many_queries_for_one_as_for_nine(
    tasks: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    clinic, _plan = clinic_with_a_course()
    for number in range(tasks):
        patient = make_patient("Patient", str(number))
        open_task("call_back", Role.FRONT_DESK, site=clinic.site, patient=patient, now=NOW)
    browser = desk_of("front_desk")

    with django_assert_num_queries(9):
        browser.get("/desk/inbox/")
    assert StaffTask.objects.count() == tasks
