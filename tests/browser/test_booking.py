"""A visitor books a whole course in a real browser, and moves one session of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from config.demo import clinic, people
from scheduling.models import Appointment, CarePlan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@pytest.fixture
def open_clinic(transactional_db: None) -> None:
    """The demo clinic with its people, and nothing booked."""
    from django.core.management import call_command

    call_command("load_protocols", verbosity=0)
    today = clinic.today_at(clinic.ZONE, timezone.now())
    clinic.build(people.create_users(), today, 40)


def find_plans(page: Page, address: str, *, blocks: bool = True) -> None:
    """From the front door to the proposals."""
    page.goto(address)
    page.get_by_role("main").get_by_role("link", name="Book a course").click()
    page.get_by_role("radio", name="Six infusions for depression").check()
    if blocks:
        page.get_by_role("checkbox", name="Supportive counselling").check()
        page.get_by_role("checkbox", name="Lifestyle group").check()
    earliest = timezone.now().date() + timedelta(days=3)
    page.get_by_label("First day you could come").fill(earliest.isoformat())
    page.get_by_role("button", name="Show plans").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("fit")


def sign_in(page: Page, local_part: str = "patient") -> None:
    page.get_by_label("Email").fill(people.address(local_part))
    page.get_by_label("Password").fill(people.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign In").click()


def no_violations(page: Page) -> None:
    """axe finds nothing on the page as it stands."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


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

    page.get_by_role("link", name="Sign in to confirm").click()
    no_violations(page)
    sign_in(page)
    page.get_by_role("button", name="Confirm this course").click()
    expect(page.get_by_role("status").first).to_contain_text("Your course is booked")
    expect(page.get_by_text("reserved", exact=False).first).to_be_visible()
    plan = CarePlan.objects.get()
    assert plan.patient.user == User.objects.get(email=people.address("patient"))
    assert (plan.status, plan.appointments.count()) == ("active", 22)

    third = plan.appointments.get(step="inf.3")
    page.goto(f"{live_server}/sessions/{third.pk}/move/")
    no_violations(page)
    page.locator(".month button").last.click()
    no_violations(page)
    page.locator(".starts button").last.click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    no_violations(page)
    page.get_by_role("button", name="Agree and move").click()
    expect(page.get_by_role("status").first).to_contain_text("Moved")
    assert Appointment.objects.get(pk=third.pk).start != third.start
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_it_works_without_javascript(
    browser: object, live_server: object, open_clinic: None
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[attr-defined]
    page = context.new_page()
    find_plans(page, str(live_server), blocks=False)
    page.get_by_role("button", name="Hold this plan 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your plan is held")
    page.get_by_role("button", name="Give the times back").click()
    expect(page.get_by_role("status").first).to_contain_text("Nothing is booked")
    assert set(Appointment.objects.values_list("status", flat=True)) == {"released"}
    context.close()


def test_answers_that_need_another_look_are_kept(
    page: Page, live_server: object, open_clinic: None
) -> None:
    page.goto(f"{live_server}/book/")
    page.get_by_role("radio", name="Six infusions for depression").check()
    page.get_by_role("checkbox", name="Lifestyle group").check()
    page.get_by_label("First day you could come").fill("2020-01-01")
    page.get_by_role("button", name="Show plans").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing you typed is lost")
    expect(page.get_by_text("This day has passed")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Lifestyle group")).to_be_checked()
    no_violations(page)
