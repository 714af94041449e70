"""Questionnaires and the consent on a phone, and what staff see of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from scheduling.models import (
    CarePlan,
    ConsentSignature,
    Escalation,
    Gate,
    QuestionnaireResponse,
)
from tests.browser.conftest import PHONE, carry, show_password
from tests.browser.look import look_at
from tests.factories import make_patient, make_user
from tests.scheduling.operations.care import load_clinic, make_course, make_infusion
from tests.scheduling.web.test_desk_pages import browser_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plan(transactional_db: None) -> CarePlan:
    """Ada's first infusion is in four days: a questionnaire and the consent are due."""
    clinic = load_clinic()
    plan = make_course(make_patient(user=make_user("ada@example.org")), clinic)
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=4)
    make_infusion(plan, clinic, "inf.1", start)
    Gate.objects.create(care_plan=plan, code="consent", due_at=start)
    for number, score in enumerate((19, 14, 9), start=1):
        key = f"earlier/{number}"
        QuestionnaireResponse.objects.create(
            id=QuestionnaireResponse.key_of(plan, key),
            care_plan=plan,
            questionnaire="phq9",
            moment=key,
            score=score,
            completed_at=start - timedelta(days=60 - 14 * number),
        )
    return plan


@pytest.fixture
def proven(page: Page, live_server: object, plan: CarePlan) -> Page:
    """Ada has shown her password."""
    show_password(page, plan, str(live_server))
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return page


def test_each_answer_is_kept_at_once_and_the_last_question_brings_help(
    proven: Page, live_server: object, plan: CarePlan
) -> None:
    proven.goto(f"{live_server}/courses/{plan.pk}/")
    look_at(proven, "course-with-forms")
    proven.get_by_role("link", name="Fill it in").click()
    look_at(proven, "questionnaire")

    proven.locator("#q1-2").check()
    expect(proven.locator("#help")).to_contain_text("Saved.")
    proven.locator("#q9-1").check()
    expect(proven.get_by_role("heading", name="You do not have to be alone")).to_be_visible()
    assert Escalation.objects.exists()
    look_at(proven, "questionnaire-help")

    proven.reload()
    expect(proven.locator("#q1-2")).to_be_checked()
    assert QuestionnaireResponse.objects.get(completed_at=None).answers == {"1": "2", "9": "1"}


def test_filled_in_with_the_keyboard_alone_and_seen_in_the_trend(
    proven: Page, live_server: object, plan: CarePlan
) -> None:
    proven.goto(f"{live_server}/courses/{plan.pk}/")
    proven.get_by_role("link", name="Fill it in").click()
    proven.locator("#q1-0").focus()
    for _ in range(9):  # the first choice of each question, then the next question
        proven.keyboard.press("Space")
        proven.keyboard.press("Tab")
    proven.keyboard.press("Enter")
    expect(proven.get_by_role("status")).to_contain_text("Your clinician sees your answers")

    proven.get_by_role("link", name="How it went so far").click()
    expect(proven.get_by_role("row")).to_have_count(5)  # a head and four scores
    look_at(proven, "trend")


def test_answered_and_signed_without_scripts(
    browser: Browser, live_server: object, plan: CarePlan
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    show_password(page, plan, str(live_server))
    page.goto(f"{live_server}/courses/{plan.pk}/")
    page.get_by_role("link", name="Fill it in").click()
    for item in range(1, 10):
        page.locator(f"#q{item}-0").check()
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("status")).to_contain_text("Your clinician sees your answers")

    page.get_by_role("link", name="Read and sign").click()
    page.get_by_label("I have read this").check()
    page.get_by_label("Your full name").fill("Ada Byron")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Your signed copy is here")
    with page.expect_download() as copy:
        page.get_by_role("link", name="Save a copy").click()
    assert copy.value.suggested_filename.startswith("document-")
    context.close()


def test_the_consent_can_be_read_by_everybody_and_says_what_is_missing(
    proven: Page, live_server: object, plan: CarePlan
) -> None:
    proven.goto(f"{live_server}/courses/{plan.pk}/consent/")
    look_at(proven, "consent")
    proven.get_by_label("Your full name").fill("A" * 190)
    proven.locator("form[action$='/consent/']").evaluate("form => { form.noValidate = true }")
    proven.get_by_role("button", name="Sign", exact=True).click()
    expect(proven.get_by_role("alert")).to_contain_text("Tick this if you agree")
    expect(proven.get_by_label("Your full name")).to_have_value("A" * 190)
    look_at(proven, "consent-again")
    proven.get_by_label("I have read this").check()
    proven.get_by_role("button", name="Sign", exact=True).click()
    expect(proven.get_by_role("link", name="Save a copy")).to_be_visible()
    assert ConsentSignature.objects.exists()
    look_at(proven, "consent-signed")


def test_staff_find_forms_results_and_the_signed_copy(
    page: Page, live_server: object, plan: CarePlan
) -> None:
    carry(browser_of("clinician"), page, str(live_server))
    page.goto(f"{live_server}/desk/courses/{plan.pk}/forms/")
    expect(page.get_by_role("heading", name="PHQ-9")).to_be_visible()
    look_at(page, "desk-forms")
