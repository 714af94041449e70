"""The safety questions on a phone: kept at once, help at once, and usable without a mouse."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from scheduling.models import CarePlan, Escalation, Screening
from scheduling.operations.actor import Actor
from scheduling.operations.escalate import raise_alert
from tests.browser.conftest import carry, show_password
from tests.browser.look import look_at
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def proven(ada: Page, live_server: object, plan: CarePlan) -> Page:
    """Ada has shown her password."""
    show_password(ada, plan, str(live_server))
    return ada


def test_an_answer_is_kept_as_it_is_given_and_help_stands_at_once(
    proven: Page, live_server: object, plan: CarePlan
) -> None:
    proven.goto(f"{live_server}/courses/{plan.pk}/")
    look_at(proven, "course-with-questions")
    proven.get_by_role("link", name="Answer the questions").click()
    look_at(proven, "screening")

    proven.locator("#liver-no").check()
    expect(proven.locator("#help")).to_contain_text("Saved.")
    proven.locator("#self_harm-unsure").check()
    expect(proven.get_by_role("heading", name="You do not have to be alone")).to_be_visible()

    assert Escalation.objects.exists()
    assert Screening.objects.get().answers == {"liver": "no", "self_harm": "unsure"}
    look_at(proven, "screening-help")
    proven.reload()
    expect(proven.locator("#liver-no")).to_be_checked()


def test_answered_with_the_keyboard_alone(
    proven: Page, live_server: object, plan: CarePlan
) -> None:
    proven.goto(f"{live_server}/courses/{plan.pk}/screening/")
    proven.locator("#self_harm-no").focus()
    for _ in range(11):  # the first choice of each question, then the next question
        proven.keyboard.press("Space")
        proven.keyboard.press("Tab")
    proven.keyboard.type("none")
    proven.keyboard.press("Tab")
    proven.keyboard.press("Enter")

    expect(proven.get_by_role("status")).to_contain_text("A clinician reads your answers")
    assert Screening.objects.get().submitted_at


def test_the_desks_pages_are_accessible(page: Page, live_server: object, plan: CarePlan) -> None:
    Screening.objects.create(care_plan=plan, answers={"heart": "yes"})
    alert = raise_alert(
        actor=Actor.sweep(),
        patient=plan.patient,
        site=plan.site,
        care_plan=plan,
        now=timezone.now(),
    )
    browser = Client()
    browser.force_login(make_user("all@example.org", "clinician", "manager"))
    carry(browser, page, str(live_server))
    for path, name in (
        ("alerts/", "alerts"),
        (f"alerts/{alert.pk}/", "alert"),
        (f"courses/{plan.pk}/screening/", "desk-screening"),
        (f"on-call/{plan.site.slug}/", "on-call"),
    ):
        answer = page.goto(f"{live_server}/desk/{path}")
        assert answer
        assert answer.ok
        look_at(page, name)
