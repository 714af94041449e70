"""What is read, in a real browser: accessible, whole, without a cookie, and without a stranger."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page

from education.markup.document import read_document
from education.models import Page as Text
from scheduling.models import CarePlan, Gate
from tests.browser.conftest import carry
from tests.browser.look import look_at, no_violations
from tests.factories import make_site, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = {
    "learn-home": "/learn/en/",
    "learn-topic": "/learn/en/topics/conditions/",
    "learn-page": "/learn/en/depression/",
    "learn-drawings": "/learn/es/your-first-day/",
    "learn-course": "/learn/en/fits-together/",
    "learn-evidence": "/learn/en/evidence-by-condition/",
    "learn-search": "/learn/en/search/?q=depresion",
    "learn-glossary": "/learn/en/glossary/",
    "learn-paper": "/learn/en/depression/print/",
    "learn-missing": "/learn/en/nothing/",
}


@pytest.fixture
def library(transactional_db: None) -> None:
    call_command("load_protocols", verbosity=0)
    call_command("load_pages", verbosity=0)


@pytest.mark.parametrize("name", PAGES)
def test_a_public_page_is_for_everybody(
    page: Page, live_server: object, library: None, name: str
) -> None:
    strangers: list[str] = []
    complaints: list[str] = []
    page.on(
        "request",
        lambda one: None if one.url.startswith(str(live_server)) else strangers.append(one.url),
    )
    page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    page.goto(f"{live_server}{PAGES[name]}")
    look_at(page, name)

    assert page.context.cookies() == []
    assert strangers == []
    assert [one for one in complaints if "404" not in one] == [], "no policy is broken"


def test_two_taps_from_the_front_door(page: Page, live_server: object, library: None) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for asked, first, second in (
        ("What would my first day look like?", "What your first day looks like", None),
        ("What could go wrong?", "Safety and side effects", None),
        ("What does the evidence say for my condition?", "Conditions", "Ketamine and depression"),
    ):
        page.goto(str(live_server))
        page.get_by_role("link", name=asked).click()
        assert first in page.locator("h1").inner_text()
        if second:
            page.get_by_role("main").get_by_role("link", name=second).click()
            assert second in page.locator("h1").inner_text()
        assert page.get_by_role("link", name="988").first.is_visible()


def test_a_word_explains_itself_without_a_script(
    page: Page, live_server: object, library: None
) -> None:
    page.context.route("**/*.js", lambda route: route.abort())
    page.goto(f"{live_server}/learn/en/depression/")
    word = page.locator("button.term").first
    meaning = page.locator(f"#{word.get_attribute('popovertarget')}")

    assert not meaning.is_visible()
    word.focus()
    page.keyboard.press("Enter")
    assert meaning.is_visible()
    no_violations(page)
    page.keyboard.press("Escape")
    assert not meaning.is_visible()


def test_three_questions_on_a_phone(
    ada: Page, live_server: object, plan: CarePlan, library: None
) -> None:
    ada.goto(f"{live_server}/courses/{plan.pk}/")
    ada.get_by_role("link", name="All of your reading").click()
    look_at(ada, "my-reading")
    text = Text.objects.get(slug="safety-and-side-effects", language="en")
    ada.goto(f"{live_server}/my/reading/{plan.pk}/{text.pk}/")
    look_at(ada, "my-page")
    ada.get_by_role("button", name="I have read this").click()
    look_at(ada, "my-questions")
    right = [
        [answer.right for answer in question.answers].index(True)
        for question in read_document(text.published.text, "page").questions  # type: ignore[union-attr]
    ]
    answer(ada, [1 if right[0] == 0 else 0, *right[1:]])
    assert ada.get_by_text("Not quite.").is_visible()
    look_at(ada, "my-questions-answered")
    answer(ada, right)
    assert ada.get_by_text("All three are right.").is_visible()
    assert Gate.objects.filter(code="education", status="open").exists(), "others are still unread"


def answer(page: Page, chosen: list[int]) -> None:
    for number, one in enumerate(chosen):
        page.locator(f"#id_q{number}_{one}").check()
    page.get_by_role("button", name="See whether it is right").click()


def test_a_manager_changes_a_page(page: Page, live_server: object, library: None) -> None:
    make_site()
    browser = Client()
    browser.force_login(make_user("", "manager", "clinician"))
    carry(browser, page, str(live_server))
    page.goto(f"{live_server}/desk/education/")
    look_at(page, "desk-pages")
    page.get_by_role("link", name="Ketamine and depression").click()
    box = page.get_by_label("Page", exact=True)
    box.fill(box.input_value().replace("## In short", "## In brief"))
    page.get_by_role("button", name="See what changes").click()
    assert page.get_by_role("heading", name="How it will look").is_visible()
    look_at(page, "desk-page-checked")
    page.get_by_role("button", name="Publish", exact=True).click()
    assert page.get_by_text("Everybody reads it from now on.").is_visible()
    page.get_by_role("link", name="Version 1").click()
    look_at(page, "desk-page-version")
    page.get_by_role("button", name="Go back to this version").click()
    assert "Version 1 is read since" in page.locator("main").inner_text()
    page.goto(f"{live_server}/desk/education/shelf/")
    look_at(page, "desk-shelf")
