"""Booking in a real browser when it is counted, typed, slow, late or interrupted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Frame, Page, expect

from scheduling.models import (
    Appointment,
    CarePlan,
    PatientTime,
    Protocol,
    Reservation,
    Site,
    TreatmentSpacing,
)
from tests.browser.look import look_at
from tests.browser.test_booking import COURSE, find_plans, open_clinic, sign_in, to_preferences

__all__ = ["open_clinic"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREENS, FIELDS = 7, 12
KILOBYTES = 100


def hold_first(page: Page) -> None:
    page.get_by_role("button", name="Hold this plan 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is held")


def ends_in(seconds: float) -> None:
    """Every row of the hold ends so soon."""
    until = timezone.now() + timedelta(seconds=seconds)
    for rows in (CarePlan, Appointment, Reservation, PatientTime, TreatmentSpacing):
        rows.objects.filter(expires_at__isnull=False).update(expires_at=until)


def count(page: Page) -> list[str]:
    """The screens from here on, as they come; fields are counted by the browser as they change."""
    page.add_init_script(
        "addEventListener('change', () => {"
        " sessionStorage.fields = Number(sessionStorage.fields || 0) + 1 }, true)"
    )
    screens: list[str] = []

    def seen(frame: Frame) -> None:
        if frame.parent_frame is None:
            screens.append(frame.url)

    page.on("framenavigated", seen)
    return screens


def fields(page: Page) -> int:
    return int(page.evaluate("sessionStorage.fields"))


def test_a_prepared_visitor_needs_few_screens_and_fields(
    page: Page, live_server: object, open_clinic: None
) -> None:
    page.goto(f"{live_server}/book/")
    screens = count(page)
    page.get_by_role("link", name=COURSE).click()
    page.get_by_role("link", name="Find times for this course").first.click()
    earliest = timezone.now().date() + timedelta(days=3)
    page.get_by_label("First day you could come").fill(earliest.isoformat())
    page.get_by_role("checkbox", name="Supportive counselling").check()
    page.get_by_role("checkbox", name="Lifestyle group").check()
    page.get_by_role("button", name="Show plans").click()
    hold_first(page)
    page.get_by_role("link", name="sign in to confirm").click()
    sign_in(page)
    page.get_by_role("checkbox", name="You may email me").check()
    page.get_by_role("button", name="Reserve this course").click()
    expect(page.get_by_role("status").first).to_contain_text("Your course is reserved")

    assert CarePlan.objects.get().status == "active"
    assert 5 < len(screens) <= SCREENS, screens
    assert 4 < fields(page) <= FIELDS


def test_somebody_new_needs_no_more(page: Page, live_server: object, open_clinic: None) -> None:
    page.goto(f"{live_server}/book/")
    screens = count(page)
    page.get_by_role("link", name=COURSE).click()
    page.get_by_role("link", name="Find times for this course").first.click()
    page.get_by_role("button", name="Show plans").click()
    hold_first(page)
    page.get_by_label("Your email address").fill("new@example.org")
    page.get_by_role("button", name="I am new here").click()
    page.get_by_label("Code").fill(code_in_the_mail())
    page.get_by_role("main").get_by_role("button", name="Go on").click()
    page.get_by_role("checkbox", name="You may email me").check()
    page.get_by_role("button", name="Reserve this course").click()
    expect(page.get_by_role("status").first).to_contain_text("Your course is reserved")

    plan = CarePlan.objects.get()
    assert (plan.status, plan.patient.email) == ("active", "new@example.org")
    assert 5 < len(screens) <= SCREENS, screens
    assert 2 < fields(page) <= FIELDS


def code_in_the_mail() -> str:
    """The code in the newest message, which arrives while the browser shows the next page."""
    found = re.search(r"^[A-Z0-9]{3,4}-?[A-Z0-9]{2,4}$", mail.outbox[-1].body, re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found.group()


def test_the_keyboard_alone_holds_a_plan(
    page: Page, live_server: object, open_clinic: None
) -> None:
    to_preferences(page, str(live_server))
    expect(page.get_by_role("button", name="Show plans")).to_be_visible()
    tab_to(page, "Saturday")
    page.keyboard.press("Space")
    tab_to(page, "Show plans")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("fit")
    tab_to(page, "See all dates, change some: plan 2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan, week by week")
    tab_to(page, "Hold this plan")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is held")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(e => (e.closest('label') || e).textContent.replace(/\\s+/g, ' ').trim())"
            "(document.activeElement)"
        )
        if focused == name:
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")


def test_the_countdown_does_not_trust_the_phones_clock(
    page: Page, live_server: object, open_clinic: None
) -> None:
    page.clock.set_fixed_time("2001-01-01T00:00:00Z")
    find_plans(page, str(live_server), blocks=False)
    hold_first(page)

    expect(page.locator("#hold .left")).to_have_text("14:57", timeout=10_000)


def test_the_hold_warns_and_then_ends_before_the_readers_eyes(
    page: Page, live_server: object, open_clinic: None
) -> None:
    find_plans(page, str(live_server), blocks=False)
    hold_first(page)
    ends_in(6)
    page.reload()

    expect(page.locator("#hold [role=status]")).to_contain_text("less than three minutes")
    expect(page.get_by_role("heading", level=1)).to_have_text("The hold has ended", timeout=10_000)
    page.get_by_role("button", name="Hold the same times again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is held")


def test_two_quick_taps_send_one_request(
    page: Page, live_server: object, open_clinic: None
) -> None:
    find_plans(page, str(live_server), blocks=False)
    page.get_by_role("button", name="Hold this plan 1").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is held")

    assert CarePlan.objects.count() == 1


def test_the_back_button_shows_the_plans_again(
    page: Page, live_server: object, open_clinic: None
) -> None:
    find_plans(page, str(live_server), blocks=False)
    hold_first(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("fit")
    page.get_by_role("button", name="Hold this plan 2").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is held")

    assert sorted(CarePlan.objects.values_list("status", flat=True)) == ["held", "released"]


def test_a_session_that_ended_meanwhile_loses_nothing_typed(
    page: Page, live_server: object, open_clinic: None
) -> None:
    to_preferences(page, str(live_server))
    page.get_by_role("checkbox", name="Lifestyle group").check()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Show plans").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("fit")
    page.get_by_role("link", name="Change my answers").click()
    expect(page.get_by_role("checkbox", name="Lifestyle group")).to_be_checked()


def test_a_visit_is_held_and_booked(page: Page, live_server: object, open_clinic: None) -> None:
    page.goto(f"{live_server}/book/")
    page.get_by_role("link", name="Medical and psychiatric evaluation").click()
    page.locator("button[name=month]").last.click()
    look_at(page, "visit")
    page.locator(".month button").first.click()
    look_at(page, "visit-day")
    page.locator(".starts button").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is held")
    look_at(page, "visit-held")
    page.get_by_role("link", name="sign in to confirm").click()
    sign_in(page)
    look_at(page, "visit-held-signed-in")
    page.get_by_role("button", name="Book this visit").click()
    expect(page.get_by_role("status").first).to_contain_text("Your visit is booked")
    look_at(page, "visit-booked")


def test_pages_with_nothing_on_them_are_accessible(
    page: Page, live_server: object, open_clinic: None
) -> None:
    page.goto(f"{live_server}/nowhere/")
    expect(page.get_by_role("heading", level=1)).to_have_text("We could not find this page")
    look_at(page, "not-found")
    page.goto(f"{live_server}/accounts/login/?next=/courses/")
    sign_in(page)
    expect(page.get_by_text("You have no course yet.")).to_be_visible()
    look_at(page, "no-course")
    Protocol.objects.update(active=False)
    page.goto(f"{live_server}/book/")
    expect(page.get_by_text("No course can be booked online right now")).to_be_visible()
    look_at(page, "nothing-offered")
    Site.objects.update(active=False)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Online booking is closed")
    look_at(page, "closed")


def test_without_a_network_the_page_says_so(
    page: Page, live_server: object, open_clinic: None
) -> None:
    page.goto(str(live_server))
    expect(page.get_by_text("You are offline.")).to_be_hidden()
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    look_at(page, "offline")
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline.")).to_be_hidden()


def test_public_pages_are_light_and_ask_nobody_else(
    page: Page, live_server: object, open_clinic: None
) -> None:
    find_plans(page, str(live_server))
    plans = page.url
    page.goto(f"{live_server}/book/")
    course = page.get_by_role("link", name=COURSE).get_attribute("href")
    for path in ("/", "/book/", course, f"{course}when/", plans.removeprefix(str(live_server))):
        page.goto(f"{live_server}{path}", wait_until="load")
        loaded = page.evaluate(
            "performance.getEntries().filter(e => 'encodedBodySize' in e)"
            ".map(e => [e.name, e.encodedBodySize])"
        )
        assert all(name.startswith(str(live_server)) for name, _size in loaded)
        kilobytes = sum(size for _name, size in loaded) / 1000
        assert 10 < kilobytes <= KILOBYTES, (path, kilobytes)
