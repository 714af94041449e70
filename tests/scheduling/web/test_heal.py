"""New times for a course that changed: seen, agreed to, or talked about on the telephone."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.models import CarePlan, CourseChange, StaffTask
from tests.factories import make_clinic
from tests.scheduling.web.booked import book_course, cancel, signed_in
from tests.scheduling.web.desk.day import desk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> CarePlan:
    return book_course(make_clinic())


def page_of(browser: Client, plan: CarePlan, **said: object) -> str:
    path = f"/courses/{plan.pk}/times/"
    answer = browser.post(path, said, follow=True) if said else browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_course_leads_to_new_times_and_agreeing_books_them(plan: CarePlan) -> None:
    browser = signed_in(plan)
    assert "/times/" not in browser.get(f"/courses/{plan.pk}/").content.decode()
    cancel(browser, plan, "review.1")
    assert f"/courses/{plan.pk}/times/" in browser.get(f"/courses/{plan.pk}/").content.decode()

    shown = browser.get(f"/courses/{plan.pk}/times/")
    assert "Nothing that is booked moves." in shown.content.decode()
    said = {"agree": "1", "agreed": shown.context["mark"], "version": shown.context["version"]}
    assert "Booked." in page_of(browser, plan, **said)

    assert plan.appointments.filter(step="review.1", status="booked").count() == 1
    assert "Your course is whole." in page_of(browser, plan)


@pytest.mark.parametrize("agreed", ["", "nonsense", "inf.1@99999999999999", "review.1@1"])
def test_what_nobody_showed_is_not_booked(plan: CarePlan, agreed: str) -> None:
    browser = signed_in(plan)
    cancel(browser, plan, "review.1")

    page = page_of(browser, plan, agree="1", agreed=agreed, version=plan.version)

    assert "Nothing was booked." in page
    assert not plan.appointments.filter(step="review.1", status="booked").exists()


def test_a_call_is_asked_for(plan: CarePlan) -> None:
    browser = signed_in(plan)
    cancel(browser, plan, "review.1")
    assert "We call you." in page_of(browser, plan, call="1")
    assert StaffTask.objects.filter(kind="call_wanted", care_plan=plan).exists()


def test_a_prescriber_adds_and_the_patient_agrees(plan: CarePlan) -> None:
    CarePlan.objects.update(clearance="cleared")
    plan.refresh_from_db()
    desk = desk_of("prescriber")
    course = f"/desk/courses/{plan.pk}/"
    assert "Change the course" in desk.get(course).content.decode()
    said = {"change": "add:maint", "count": "2", "reason": "lasting", "version": plan.version}

    page = desk.post(f"{course}prescribe/", said, follow=True).content.decode()

    assert "A change waits for the patient to agree." in page
    shown = signed_in(plan).get(f"/courses/{plan.pk}/times/")
    assert "Your prescriber suggests more sessions." in shown.content.decode()
    assert "lasting" not in shown.content.decode()
    desk.post(f"{course}prescribe/", {"do": "withdraw"}, follow=True)
    assert CourseChange.objects.get().status == "withdrawn"


@pytest.mark.parametrize(
    "said", [{}, {"change": "pace:inf", "min": "x"}, {"change": "add:dragon", "count": "1"}]
)
def test_nonsense_changes_nothing(plan: CarePlan, said: dict[str, str]) -> None:
    desk = desk_of("prescriber")
    answer = desk.post(f"/desk/courses/{plan.pk}/prescribe/", said, follow=True)
    assert answer.status_code == 200
    assert not CourseChange.objects.exists()
