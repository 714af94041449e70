"""A patient moves, books again, pauses and prints in a real browser: by keyboard, without scripts,
on a small phone and on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from scheduling.models import Appointment, CarePlan
from tests.browser.conftest import PHONE, sign_in
from tests.browser.look import look_at, no_violations
from tests.browser.test_course import tab_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def start_of(plan: CarePlan, step: str) -> object:
    return plan.appointments.get(step=step, status="booked").start


def test_every_step_of_a_move_is_accessible_and_fits(
    ada: Page, live_server: object, plan: CarePlan
) -> None:
    infusion = plan.appointments.get(step="inf.3")
    lost = plan.appointments.get(step="review.1")

    ada.goto(f"{live_server}/sessions/{infusion.pk}/move/")
    look_at(ada, "move-month")
    ada.locator(".month button").last.click()
    expect(ada.locator("#times .starts")).to_be_visible()
    look_at(ada, "move-day")
    ada.locator(".starts button").first.click()
    expect(ada.get_by_role("heading", name="What would change")).to_be_visible()
    look_at(ada, "move-effect")
    ada.goto(f"{live_server}/sessions/{lost.pk}/again/")
    look_at(ada, "again")
    ada.locator("main form button").first.click()
    expect(ada.get_by_role("heading", name="What would be booked")).to_be_visible()
    look_at(ada, "again-effect")


def test_a_session_is_moved_with_the_keyboard_alone(
    ada: Page, live_server: object, plan: CarePlan
) -> None:
    before = start_of(plan, "integ.4")
    ada.goto(f"{live_server}/courses/{plan.pk}/")
    tab_to(ada, "Move Therapy session 6 of 6", most=120)
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("heading", level=1)).to_have_text("Move a session")
    tab_to(ada, "free times", most=60)
    ada.keyboard.press("Enter")
    expect(ada.locator("#times .starts")).to_be_visible()
    # The day's link leads to its times: they are next, without passing the month again.
    for _ in range(2):
        ada.keyboard.press("Tab")
    assert ada.evaluate("document.activeElement.name") == "start"
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("heading", name="What would change")).to_be_visible()
    tab_to(ada, "Agree and move")
    ada.keyboard.press("Enter")

    expect(ada.get_by_role("status").first).to_contain_text("Moved")
    assert start_of(plan, "integ.4") != before


def test_moving_booking_again_and_pausing_need_no_script(
    browser: Browser, live_server: object, plan: CarePlan
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, plan, str(live_server))
    before = start_of(plan, "integ.4")
    last = plan.appointments.get(step="integ.4")

    page.goto(f"{live_server}/sessions/{last.pk}/move/")
    page.locator(".month button").last.click()
    page.locator(".starts button").last.click()
    page.get_by_role("button", name="Agree and move").click()
    expect(page.get_by_role("status").first).to_contain_text("Moved")
    assert start_of(plan, "integ.4") != before

    page.get_by_role("link", name="Book it again").click()
    page.locator("main form button").first.click()
    page.get_by_role("button", name="Agree and book").click()
    expect(page.get_by_role("status").first).to_contain_text("Booked again")
    assert start_of(plan, "review.1")

    page.get_by_role("button", name="Talk to me first").click()
    expect(page.get_by_role("status").first).to_contain_text("Paused")
    assert CarePlan.objects.get(pk=plan.pk).status == "on_hold"
    context.close()


def test_another_day_can_be_chosen_after_the_same_one_twice(
    ada: Page, live_server: object, plan: CarePlan
) -> None:
    last = plan.appointments.get(step="integ.4")
    ada.goto(f"{live_server}/sessions/{last.pk}/move/")
    for day in (0, 0, 1):  # the second click leads to where the reader is already
        ada.locator(".month button").nth(day).click()
    chosen = ada.locator(".month button").nth(1).get_attribute("value")
    expect(ada.locator('.month button[aria-pressed="true"]')).to_have_attribute("value", chosen)


def test_a_cancellation_of_a_dosing_day_is_taken_back_with_one_tap(
    ada: Page, live_server: object, plan: CarePlan
) -> None:
    was = Appointment.objects.get(care_plan=plan, step="review.1").start
    ada.goto(f"{live_server}/courses/{plan.pk}/")
    ada.get_by_role("button", name="Take the cancellation back").click()

    expect(ada.get_by_role("status").first).to_contain_text("back at its old time")
    assert start_of(plan, "review.1") == was


def test_the_printed_course_has_every_session_and_nothing_to_tap(
    ada: Page, live_server: object, plan: CarePlan
) -> None:
    ada.goto(f"{live_server}/courses/{plan.pk}/")
    ada.emulate_media(media="print", color_scheme="dark")

    assert ada.locator(".weeks .sessions > li:visible").count() == 14
    expect(ada.get_by_text("+1 303 555 0100")).to_be_visible()
    for gone in ("button", "nav", "a:has-text('Move')", "a:has-text('Cancel')"):
        assert ada.locator(f"{gone}:visible").count() == 0, gone
    paper = ada.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)", "paper is white in a dark browser too"


def test_a_place_is_filled_with_its_fragment(
    ada: Page, live_server: object, plan: CarePlan, settings: object
) -> None:
    settings.ROOT_URLCONF = "tests.scheduling.web.urls_with_reading"  # type: ignore[attr-defined]
    complaints: list[str] = []
    ada.on("console", lambda message: complaints.append(message.text))
    ada.goto(f"{live_server}/courses/{plan.pk}/")

    place = ada.get_by_role("region", name="Reading for this time")
    expect(place.get_by_text("How to prepare")).to_be_visible()
    expect(place.get_by_role("link")).to_have_count(0)
    assert complaints == [], "the policy for scripts and styles is kept"
    no_violations(ada)
