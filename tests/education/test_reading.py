"""A patient reads for a course, answers three questions, and the sessions wait for it no longer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from education.models import Page, Reading
from education.operations import read as operations
from education.operations.settle import settle_all
from education.tasks import settle_readings
from scheduling.core.refusals import Refused
from scheduling.models import Appointment, CarePlan, Event, Gate, StaffTask
from scheduling.operations.actor import Actor
from tests.factories import make_clinic, make_patient, make_user
from tests.scheduling.web.booked import book_course, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("library")]

RIGHT = {"q0": "0", "q1": "1", "q2": "0"}
WRONG = RIGHT | {"q0": "1"}


@pytest.fixture
def plan() -> CarePlan:
    return book_course(make_clinic())


@pytest.fixture
def ada(plan: CarePlan) -> Client:
    return signed_in(plan)


def page(slug: str = "safety-and-side-effects") -> Page:
    return Page.objects.select_related("published").get(slug=slug, language="en")


def address(plan: CarePlan, slug: str = "safety-and-side-effects", more: str = "") -> str:
    return f"/my/reading/{plan.pk}/{page(slug).pk}/{more}"


def gates(plan: CarePlan) -> list[str]:
    rows = Gate.objects.filter(appointment__care_plan=plan, code="education")
    return sorted(rows.values_list("status", flat=True))


def text(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_course_shows_what_is_for_now(ada: Client, plan: CarePlan) -> None:
    course = text(ada, f"/courses/{plan.pk}/")
    part = text(ada, f"/my/reading/{plan.pk}/part/")

    assert f'hx-get="/my/reading/{plan.pk}/part/"' in course
    assert "What your first day looks like" in part
    assert "Ketamine and depression" in part
    assert f'href="{address(plan, "depression")}"' in part


def test_no_address_and_no_log_says_what_a_page_is_about(ada: Client, plan: CarePlan) -> None:
    listed = text(ada, "/my/reading/")
    links = [part.split('"')[0] for part in listed.split('href="/my/')[1:]]

    assert links
    for slug in ("safety", "depression", "first-day", "ketamine"):
        assert not any(slug in link for link in links)


def test_reading_is_noted_once_with_its_wording(ada: Client, plan: CarePlan) -> None:
    assert "I have read this" in text(ada, address(plan, "depression"))
    assert not Reading.objects.exists(), "looking at a page is not reading it"
    for _ in range(2):
        answer = ada.post(address(plan, "depression"))
    reading = Reading.objects.get()

    assert answer["Location"] == "/my/reading/"
    assert reading.version == page("depression").published
    assert reading.clear_at is not None, "a page without questions is done when it is read"
    assert "1 page is done" in text(ada, "/my/reading/")


def test_a_page_with_questions_goes_on_to_them(ada: Client, plan: CarePlan) -> None:
    answer = ada.post(address(plan))

    assert answer["Location"] == address(plan, more="questions/")
    assert Reading.objects.get().clear_at is None
    assert "read; three questions are left" in text(ada, "/my/reading/")


def test_a_wrong_answer_explains_and_one_tries_again(ada: Client, plan: CarePlan) -> None:
    ada.post(address(plan))
    answer = ada.post(address(plan, more="questions/"), WRONG)
    shown = " ".join(answer.content.decode().split())

    assert answer.status_code == 200
    assert "You may feel clear before you are. Wait for the next day." in shown
    assert shown.count("Right.") == 2
    assert re.search(r'id="id_q0_1"[^>]*checked', shown), "what was chosen is still chosen"
    assert gates(plan) == ["open"] * 6
    assert Reading.objects.get().tries == 1

    done = ada.post(address(plan, more="questions/"), RIGHT)
    assert done["Location"] == "/my/reading/"
    assert Reading.objects.get().tries == 2
    assert gates(plan) == ["closed"] * 6


def test_a_missing_answer_is_asked_for(ada: Client, plan: CarePlan) -> None:
    answer = ada.post(address(plan, more="questions/"), {"q0": "0", "q1": "7"})
    shown = answer.content.decode()

    assert shown.count("Choose an answer. You can try again.") >= 1
    assert "Nothing you typed is lost." in shown
    assert not Reading.objects.exists()


def test_completion_closes_the_gate_as_the_patients_own_doing(ada: Client, plan: CarePlan) -> None:
    before = plan.version
    ada.post(address(plan, more="questions/"), RIGHT)
    events = Event.objects.filter(verb="gate_closed", care_plan=plan)
    plan.refresh_from_db()

    assert {event.facts["gate"] for event in events} == {"education"}
    assert {event.actor for event in events} == {plan.patient.user}
    assert events.count() == 6
    assert plan.version > before
    assert "You read how to prepare" not in text(ada, f"/courses/{plan.pk}/")


def test_answers_are_kept_nowhere(ada: Client, plan: CarePlan) -> None:
    ada.post(address(plan, more="questions/"), WRONG)
    assert {field.name for field in Reading._meta.get_fields()} == {
        *("id", "care_plan", "slug", "version", "read_at", "tries", "clear_at", "talk_at"),
    }


def test_a_gate_waits_for_every_page_that_exists(ada: Client, plan: CarePlan) -> None:
    other = page("your-first-day")
    driving = Page.objects.create(
        slug="driving-and-your-ride",
        language="en",
        published=other.published,
        published_at=other.published_at,
        title="Driving",
    )
    ada.post(address(plan, more="questions/"), RIGHT)
    assert gates(plan) == ["open"] * 6
    ada.post(f"/my/reading/{plan.pk}/{driving.pk}/")
    assert gates(plan) == ["closed"] * 6


def test_a_session_booked_afterwards_waits_no_longer_after_the_next_look(
    ada: Client, plan: CarePlan
) -> None:
    ada.post(address(plan, more="questions/"), RIGHT)
    infusion = Appointment.objects.get(care_plan=plan, step="inf.2")
    Gate.objects.filter(appointment=infusion, code="education").update(
        status="open", closed_by=None, closed_at=None
    )

    settle_readings()
    assert gates(plan) == ["closed"] * 6
    last = Event.objects.filter(verb="gate_closed").latest("id")
    assert (last.appointment, last.actor_label) == (infusion, "sweep")
    assert settle_all(timezone.now()) == 0


def test_nothing_read_settles_nothing(plan: CarePlan) -> None:
    assert settle_all(timezone.now()) == 0
    assert gates(plan) == ["open"] * 6


def test_whoever_would_rather_talk_gets_a_person(ada: Client, plan: CarePlan) -> None:
    for _ in range(2):
        ada.post(address(plan, more="talk/"))
    task = StaffTask.objects.get(kind=operations.TALK)

    assert (task.care_plan, task.role) == (plan, "nurse")
    assert "we will talk about it" in text(ada, "/my/reading/")
    ada.post(address(plan, more="questions/"), RIGHT)
    assert Reading.objects.get().talk_at is None, "it is clear now"


def test_staff_see_how_far_it_has_come(ada: Client, plan: CarePlan) -> None:
    ada.post(address(plan, "depression"))
    ada.post(address(plan, more="talk/"))
    desk = Client()
    desk.force_login(make_user("", "front_desk"))
    course = text(desk, f"/desk/courses/{plan.pk}/")
    part = text(desk, f"/desk/education/courses/{plan.pk}/")

    assert f'hx-get="/desk/education/courses/{plan.pk}/"' in course
    assert "1 of 3 pages are done." in part
    assert "Ketamine and depression: done" in part
    assert "wants to talk about it" in part
    assert "What your first day looks like: for now, not read yet" in part
    assert ada.get(f"/desk/education/courses/{plan.pk}/").status_code == 403


def test_a_reader_of_spanish_reads_spanish_where_there_is_any(ada: Client, plan: CarePlan) -> None:
    ada.cookies["django_language"] = "es"
    part = text(ada, f"/my/reading/{plan.pk}/part/")

    assert "Ketamina y depresión" in part
    assert '<span lang="en">What your first day looks like</span>' in part
    english = text(ada, address(plan, "your-first-day"))
    assert '<article lang="en">' in english


def test_in_a_course_links_stay_in_it_and_drawings_are_its_own(ada: Client, plan: CarePlan) -> None:
    shown = text(ada, address(plan))
    assert f'<a href="{address(plan, "depression")}">depression</a>' in shown
    assert "/learn/" not in shown.split('<article lang="en">')[1].split("</article>")[0]


@pytest.mark.parametrize("path", ["", "questions/", "talk/"])
def test_somebody_elses_course_is_not_there(path: str, plan: CarePlan) -> None:
    other = Client()
    other.force_login(make_patient("Bo", user=make_user("bo@example.org")).user)

    assert other.post(address(plan, more=path), RIGHT).status_code == 404
    assert not Reading.objects.exists()


def test_staff_read_for_nobody(plan: CarePlan) -> None:
    desk = Client()
    desk.force_login(make_user("", "nurse"))
    assert desk.get(address(plan)).status_code == 403
    with pytest.raises(Refused):
        operations.mark_read(
            actor=Actor.of(make_user("", "nurse")), care_plan=plan, page=page(), now=timezone.now()
        )


def test_a_course_that_is_over_asks_for_nothing(ada: Client, plan: CarePlan) -> None:
    CarePlan.objects.filter(pk=plan.pk).update(status="revoked")

    assert "You have no course under way" in text(ada, "/my/reading/")
    assert ada.post(address(plan, more="questions/"), RIGHT)["Location"] == "/my/reading/"
    assert not Reading.objects.exists()


def test_pages_and_answers_that_are_not_there(ada: Client, plan: CarePlan) -> None:
    assert ada.get(f"/my/reading/{plan.pk}/999999/").status_code == 404
    assert ada.get(address(plan, "depression", "questions/")).status_code == 404
    with pytest.raises(Refused):
        operations.answer(
            actor=Actor.of(plan.patient.user),
            care_plan=plan,
            page=page(),
            chosen=[0, 1, 9],
            now=timezone.now(),
        )


def test_the_reading_costs_the_same_with_one_page_and_three(
    ada: Client, plan: CarePlan, django_assert_num_queries: Any
) -> None:
    ada.get("/my/reading/")
    for path, queries in (("/my/reading/", 6), (f"/my/reading/{plan.pk}/part/", 7)):
        with django_assert_num_queries(queries):
            ada.get(path)
    Page.objects.exclude(slug="depression").update(published=None)
    for path, queries in (("/my/reading/", 6), (f"/my/reading/{plan.pk}/part/", 7)):
        with django_assert_num_queries(queries):
            ada.get(path)
