"""Links from messages in a real browser: on a phone, by keyboard, without any script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from notifications.models import Message, Purpose
from notifications.operations.links import Links
from scheduling.models import Appointment
from tests.browser.conftest import PHONE
from tests.browser.look import fits, look_at
from tests.factories import at
from tests.notifications.post import Post, make_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def post() -> Post:
    made = make_post()
    made.clinic.site.phone = "+1 303 555 0100"
    made.clinic.site.save()
    return made


def links_of(post: Post, address: str) -> tuple[Appointment, dict[str, str]]:
    """A session some weeks ahead at the real clock, and a link of each purpose."""
    start = at("2026-12-07 10:00")
    while start < timezone.now() + timedelta(days=3):
        start += timedelta(days=7)
    session = post.book("prep.1", start)
    message = Message.objects.create(
        kind="reminder_24h",
        patient=post.patient,
        site=post.clinic.site,
        appointment=session,
        due_at=timezone.now(),
        address=post.user.email,
    )
    made = {}
    for purpose in (Purpose.CONFIRM, Purpose.CANCEL, Purpose.STOP):
        about = None if purpose == Purpose.STOP else session
        links = Links(message)
        link = links.make(purpose, about, session.start)
        links.save()
        made[purpose.value] = address + "/m/" + link.split("/m/")[1]
    return session, made


def test_every_page_of_a_link_is_accessible_and_fits(
    page: Page, live_server: object, post: Post
) -> None:
    session, links = links_of(post, str(live_server))
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for purpose, address in links.items():
        page.goto(address)
        look_at(page, f"link-{purpose}")
        assert fits(page)
    page.goto(f"{live_server}/m/unknown/")
    look_at(page, "link-unknown")

    page.goto(links["confirm"])
    page.get_by_role("button", name="I will come").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    look_at(page, "link-confirmed")
    page.goto(links["stop"])
    page.get_by_role("button", name="Stop reminders").click()
    expect(page.get_by_role("heading", name="No more reminders")).to_be_visible()
    look_at(page, "link-stopped")

    page.goto(links["cancel"])
    page.get_by_label("I am not well").check()
    page.get_by_role("button", name="Cancel this appointment").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    look_at(page, "link-cancelled")
    page.goto(links["confirm"])
    expect(page.get_by_role("heading", name="This link is over")).to_be_visible()
    look_at(page, "link-over")
    page.goto(links["cancel"])
    page.get_by_role("button", name="Undo: I will come").click()
    expect(page.get_by_role("heading", name="Booked again")).to_be_visible()
    look_at(page, "link-undone")

    assert Appointment.objects.get(status="booked").start == session.start


def test_a_link_works_by_keyboard_without_script_or_cookie(
    page: Page, live_server: object, post: Post
) -> None:
    session, links = links_of(post, str(live_server))
    browser = page.context.browser
    assert browser
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:  # type: ignore[arg-type]
        phone = context.new_page()
        phone.goto(links["cancel"])
        for _ in range(6):
            phone.keyboard.press("Tab")
            if phone.locator("input:focus").count():
                break
        phone.keyboard.press("Space")
        phone.keyboard.press("Tab")
        phone.keyboard.press("Enter")
        expect(phone.get_by_role("heading", name="Cancelled")).to_be_visible()
        assert context.cookies() == []

    session.refresh_from_db()
    assert session.status == "cancelled"
