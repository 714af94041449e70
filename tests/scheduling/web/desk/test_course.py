"""A course at the desk: a prescriber decides, staff pause and end it."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.models import CarePlan
from tests.scheduling.operations.care import make_infusion
from tests.scheduling.web.desk.day import clinic_with_a_course, desk_of, today_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> CarePlan:
    clinic, plan = clinic_with_a_course()
    plan.clearance = "pending"
    plan.save()
    make_infusion(plan, clinic, "inf.1", today_at(9, days=5))
    return plan


def send(browser: Client, plan: CarePlan, page: str, **said: object) -> str:
    plan.refresh_from_db()
    answer = browser.post(
        f"/desk/courses/{plan.pk}/{page}/", {"version": plan.version, **said}, follow=True
    )
    plan.refresh_from_db()
    return str(answer.content.decode())


def test_a_prescriber_clears_with_a_note_that_the_front_desk_does_not_read(plan: CarePlan) -> None:
    send(desk_of("prescriber"), plan, "decide", decision="cleared", note="Pressure watched")

    assert plan.clearance == "cleared"
    path = f"/desk/courses/{plan.pk}/"
    assert "Pressure watched" in desk_of("clinician").get(path).content.decode()
    assert "Pressure watched" not in desk_of("front_desk").get(path).content.decode()


def test_a_condition_is_asked_for_and_what_was_typed_stays(plan: CarePlan) -> None:
    page = send(desk_of("prescriber"), plan, "decide", decision="conditional", note="Look at ECG")

    assert "Please say why." in page
    assert "Look at ECG" in page
    assert plan.clearance == "pending"


def test_only_a_prescriber_is_asked_to_decide(plan: CarePlan) -> None:
    path = f"/desk/courses/{plan.pk}/"

    assert "Record the decision" in desk_of("prescriber").get(path).content.decode()
    assert "Record the decision" not in desk_of("nurse").get(path).content.decode()


def test_a_course_is_paused_taken_up_again_and_ended(plan: CarePlan) -> None:
    browser = desk_of("front_desk")

    send(browser, plan, "change", do="pause", reason="illness")
    assert plan.status == "on_hold"
    send(browser, plan, "change", do="resume")
    assert plan.status == "active"
    assert "Please say why." in send(browser, plan, "change", do="revoke")
    send(browser, plan, "change", do="revoke", reason="cost")
    assert (plan.status, plan.reason) == ("revoked", "cost")
