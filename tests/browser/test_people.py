"""Pages for coming in and back in, on a phone: invitations, codes of the desk, waiting."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, carry
from tests.browser.look import look_at
from tests.factories import make_patient, make_site, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def manager(page: Page, live_server: object) -> Page:
    browser = Client()
    browser.force_login(make_user("mona@example.org", "manager"))
    carry(browser, page, str(live_server))
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    make_site()
    return page


def test_a_patient_is_invited_and_opens_the_record(manager: Page, live_server: object) -> None:
    page = manager
    make_patient("Ada", "Byron", email="ada@example.org")
    page.goto(f"{live_server}/desk/people/invite/")
    page.get_by_label("Name, email, phone or birth date").fill("ad by")
    page.locator("main form").get_by_role("button", name="Find").last.click()
    expect(page.get_by_role("link", name="Ada Byron")).to_be_visible()
    look_at(page, "people-found")
    page.get_by_role("link", name="Ada Byron").click()
    look_at(page, "people-invite-patient")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("The link is on its way.")).to_be_visible()
    look_at(page, "people-links")
    found = re.search(r"/invitation/\S+/", mail.outbox[-1].body)
    assert found

    page.context.clear_cookies()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{live_server}{found.group()}")
    expect(page).to_have_url(f"{live_server}/invitation/")
    look_at(page, "invitation-welcome")
    page.get_by_role("button", name="Make an account").click()
    expect(page.get_by_label("Your email")).to_have_value("ada@example.org")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_label("Your birth date")).to_be_visible()
    page.get_by_label("Your birth date").fill("1979-12-31")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("Please check the day")
    look_at(page, "invitation-birth-date")
    page.get_by_label("Your birth date").fill("1980-01-01")
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_text("Here is what we have planned with you.")).to_be_visible()


def test_a_code_of_the_desk_leads_to_a_new_way_in(manager: Page, live_server: object) -> None:
    page = manager
    make_patient("Ada", "Byron", user=make_user("ada@example.org"), phone="+1 303 555 0177")
    page.goto(f"{live_server}/desk/people/recover/")
    look_at(page, "recover-ask")
    page.get_by_label("The email they sign in with").fill("ada@example.org")
    page.get_by_label("Family name").fill("Byron")
    page.get_by_label("Birth date").fill("1980-01-01")
    page.get_by_role("button", name="Show a code").click()
    code = page.locator(".code").text_content()
    assert code
    look_at(page, "recover-code")

    page.context.clear_cookies()
    page.goto(f"{live_server}/accounts/login/")
    page.get_by_role("link", name="Call us for a code").click()
    page.get_by_label("Your email").fill("ada@example.org")
    page.get_by_label("The code you were told").fill("wrong")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("That did not work.")
    look_at(page, "recover-wrong")
    page.get_by_label("The code you were told").fill(code.lower())
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="A new way to sign in")).to_be_visible()
    look_at(page, "recover-new")
    page.get_by_role("link", name="Set a password").click()
    look_at(page, "recover-password")


@pytest.mark.parametrize(
    "path", ["people/invite/staff/", "people/recover/staff/", "setup/policies/"]
)
def test_a_managers_pages_are_accessible(manager: Page, live_server: object, path: str) -> None:
    manager.goto(f"{live_server}/desk/{path}")
    look_at(manager, f"desk-{path.strip('/').replace('/', '-')}")


def test_a_colleague_is_asked_before_the_role_is_given(manager: Page, live_server: object) -> None:
    page = manager
    page.goto(f"{live_server}/desk/people/invite/staff/")
    page.get_by_label("Their email").fill("mona@example.org")
    page.get_by_label("Nurse").check()
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("The link is on its way.")).to_be_visible()
    found = re.search(r"/invitation/\S+/", mail.outbox[-1].body)
    assert found
    page.goto(f"{live_server}{found.group()}")
    expect(page.get_by_role("button", name="Yes, I work here")).to_be_visible()
    look_at(page, "invitation-colleague")


def test_a_link_that_is_over_says_what_to_do(page: Page, live_server: object) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{live_server}/invitation/never-was/")
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
    look_at(page, "invitation-over")


def test_the_page_for_the_code_shows_how_to_correct_the_address(
    page: Page, live_server: object
) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{live_server}/accounts/signup/?next=/courses/")
    page.get_by_label("Your email").fill("ada@exmaple.org")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Correct the address")).to_be_visible()
    look_at(page, "sign-up-correct")
    page.get_by_role("button", name="Correct the address").click()

    expect(page).to_have_url(f"{live_server}/accounts/signup/?next=/courses/")
