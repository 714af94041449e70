"""Calendars in a real browser: accessible and whole, and a thumb is enough."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from notifications.models import CalendarFeed
from scheduling.models import CarePlan
from tests.browser.conftest import carry
from tests.browser.look import look_at
from tests.notifications.reading import read
from tests.scheduling.web.desk.day import desk_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOUCH = 44
"""CSS pixels: WCAG 2.2, 2.5.5."""


def test_from_my_course_to_a_calendar(ada: Page, live_server: object, plan: CarePlan) -> None:
    ada.goto(f"{live_server}/courses/{plan.pk}/")
    everything = ada.get_by_role("link", name="Add all to my calendar")
    expect(everything).to_be_visible()
    ada.get_by_text("One by one").click()
    one = ada.get_by_role("link", name="Add to calendar").first
    for link in (everything, one):
        box = link.bounding_box()
        assert box
        assert box["height"] >= TOUCH
    look_at(ada, "course-calendar")

    file = ada.request.get(f"{live_server}{everything.get_attribute('href')}")
    assert len(read(file.body())) == plan.appointments.exclude(status="cancelled").count()


def test_subscribing_and_stopping(ada: Page, live_server: object, plan: CarePlan) -> None:
    ada.goto(f"{live_server}/calendar/")
    look_at(ada, "calendar")
    ada.get_by_role("button", name="Make my private address").click()
    address = ada.get_by_label("The address").input_value()
    webcal = ada.get_by_role("link", name="Subscribe on this device").get_attribute("href")
    assert webcal == address.replace("http://", "webcal://")
    look_at(ada, "calendar-address")

    secret = address.partition("/cal/")[2]
    assert ada.request.get(f"{live_server}/cal/{secret}").ok
    ada.goto(f"{live_server}/calendar/")
    expect(ada.get_by_text("We cannot show the address again.")).to_be_visible()
    look_at(ada, "calendar-again")
    ada.get_by_role("button", name="Stop the address").click()
    expect(ada.get_by_text("The address no longer works.")).to_be_visible()
    assert not CalendarFeed.objects.exists()


def test_without_script_the_calendar_of_a_course_is_a_page_of_its_own(
    ada: Page, live_server: object, plan: CarePlan
) -> None:
    ada.goto(f"{live_server}/calendar/courses/{plan.pk}/")
    expect(ada.get_by_role("heading", name="Your calendar")).to_be_visible()
    look_at(ada, "calendar-of-a-course")


def test_a_colleagues_calendar(page: Page, live_server: object, plan: CarePlan) -> None:
    carry(desk_of("clinician"), page, str(live_server))
    page.goto(f"{live_server}/calendar/")
    page.get_by_role("button", name="Make my private address").click()
    expect(page.get_by_label("The address")).to_be_visible()
    look_at(page, "calendar-staff")


def test_who_shares_their_mail_and_has_nothing_ahead(
    ada: Page, live_server: object, plan: CarePlan
) -> None:
    plan.patient.user.mail_shared = True
    plan.patient.user.save()
    plan.appointments.filter(status="booked").update(status="noshow")
    ada.goto(f"{live_server}/calendar/")
    expect(ada.get_by_text("You have no appointments ahead.")).to_be_visible()
    look_at(ada, "calendar-empty")
