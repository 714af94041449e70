"""A visitor books a whole course in a real browser, and moves one session of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from config.demo import clinic, people
from scheduling.models import (
    Appointment,
    CarePlan,
    PatientTime,
    Reservation,
    TreatmentSpacing,
)
from tests.browser.look import fits, look_at, no_violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
COURSE = "Six infusions for depression that has not responded"


@pytest.fixture
def open_clinic(transactional_db: None) -> None:
    """The demo clinic with its people, and nothing booked."""
    from django.core.management import call_command

    call_command("load_protocols", verbosity=0)
    today = clinic.today_at(clinic.ZONE, timezone.now())
    clinic.build(people.create_users(), today, 40)
    people.give_sign_ins()


def to_preferences(page: Page, address: str) -> None:
    """From the front door to the form of the course."""
    page.goto(address)
    page.get_by_role("link", name="See the courses").click()
    page.get_by_role("link", name=COURSE).click()
    page.get_by_role("link", name="Find times for this course").first.click()


def find_plans(page: Page, address: str, *, blocks: bool = True) -> None:
    """From the front door to the proposals."""
    to_preferences(page, address)
    if blocks:
        page.get_by_role("checkbox", name="Supportive counselling").check()
        page.get_by_role("checkbox", name="Lifestyle group").check()
    earliest = timezone.now().date() + timedelta(days=3)
    page.get_by_label("First day you could come").fill(earliest.isoformat())
    page.get_by_role("button", name="Show plans").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("fit")


def end_the_hold() -> None:
    """A minute ago, in every row that ends with it."""
    for rows in (CarePlan, Appointment, Reservation, PatientTime, TreatmentSpacing):
        rows.objects.filter(expires_at__isnull=False).update(
            expires_at=timezone.now() - timedelta(minutes=1)
        )


def sign_in(page: Page, local_part: str = "patient") -> None:
    page.get_by_label("Email").fill(people.address(local_part))
    page.get_by_label("Password").fill(people.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_visitor_books_a_whole_course_and_moves_an_infusion(
    page: Page, live_server: object, open_clinic: None, size: dict[str, int]
) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    find_plans(page, str(live_server))
    no_violations(page)
    page.get_by_role("button", name="Hold this plan 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is held")
    no_violations(page)

    page.get_by_role("link", name="sign in to confirm").click()
    sign_in(page)
    page.get_by_role("button", name="Reserve this course").click()
    expect(page.get_by_role("status").first).to_contain_text("Your course is reserved")
    plan = CarePlan.objects.get()
    assert plan.patient.user == User.objects.get(email=people.address("patient"))
    assert (plan.status, plan.appointments.count()) == ("active", 22)
    assert fits(page)


def test_it_works_without_javascript(
    browser: object, live_server: object, open_clinic: None
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[attr-defined]
    page = context.new_page()
    find_plans(page, str(live_server), blocks=False)
    page.get_by_role("button", name="Hold this plan 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is held")
    page.get_by_role("button", name="Give the times back").click()
    expect(page.get_by_text("Nothing is booked", exact=False)).to_be_visible()
    assert set(Appointment.objects.values_list("status", flat=True)) == {"released"}
    context.close()


def test_every_page_on_the_way_is_accessible_and_fits(
    page: Page, live_server: object, open_clinic: None
) -> None:
    page.goto(str(live_server))
    look_at(page, "home")
    page.get_by_role("link", name="See the courses").click()
    look_at(page, "choose")
    page.get_by_role("link", name=COURSE).click()
    look_at(page, "course")
    page.get_by_role("link", name="Find times for this course").first.click()
    look_at(page, "preferences")
    for part in page.locator("details.more").all():
        part.locator("summary").click()
    look_at(page, "preferences-open")
    page.get_by_label("First day you could come").fill("2020-01-01")
    page.get_by_role("button", name="Show plans").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing you typed is lost")
    look_at(page, "preferences-errors")

    find_plans(page, str(live_server))
    look_at(page, "proposals")
    page.get_by_role("button", name="See all dates").first.click()
    look_at(page, "draft")
    page.get_by_role("link", name="Change Ketamine infusion 3 of 6").click()
    look_at(page, "draft-change")
    page.locator(".month button").last.click()
    look_at(page, "draft-change-day")
    page.locator(".starts button").first.click()
    expect(page.get_by_text("moved", exact=False).first).to_be_visible()
    look_at(page, "draft-changed")
    page.get_by_role("button", name="Hold this plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is held")
    look_at(page, "held-visitor")
    end_the_hold()
    page.reload()
    look_at(page, "held-over")
    page.get_by_role("button", name="Hold the same times again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is held")
    page.get_by_role("link", name="sign in to confirm").click()
    sign_in(page)
    look_at(page, "held-signed-in")
    page.get_by_role("button", name="Reserve this course").click()
    look_at(page, "reserved")


def test_when_nothing_fits_every_way_on_is_accessible(
    page: Page, live_server: object, open_clinic: None
) -> None:
    to_preferences(page, str(live_server))
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        page.get_by_role("checkbox", name=day).first.uncheck()
    page.get_by_role("checkbox", name="Saturday").first.check()
    page.get_by_role("button", name="Show plans").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No complete plan fits yet")
    look_at(page, "nothing")
    page.get_by_role("button", name="Allow every day of the week").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("fit")

    page.go_back()
    page.get_by_label("Your name").fill("أدا 🌿 " + "x" * 290)
    page.get_by_label("Your phone number").fill("none")
    page.get_by_role("button", name="Please call me").click()
    look_at(page, "ask-errors")
    page.get_by_label("Your phone number").fill("303 555 0101")
    page.get_by_role("button", name="Please call me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We will call you")
    look_at(page, "asked")
