"""A therapist is sick tomorrow: marked away, seen, taken and put back, in a real browser."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from scheduling.core.walltime import local_date, to_instant
from scheduling.models import Appointment, Disruption, Resource
from scheduling.operations.actor import Actor
from scheduling.operations.close import close
from scheduling.operations.disrupt import disrupt
from scheduling.operations.improve import improve_due
from tests.browser.conftest import PHONE, carry
from tests.browser.look import look_at, picture
from tests.factories import (
    ZONE,
    Clinic,
    make_appointment,
    make_clinic,
    make_patient,
    make_service,
    make_user,
)
from tests.scheduling.operations.care import load_clinic
from tests.scheduling.web.desk.day import desk_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clinic(transactional_db: None) -> Clinic:
    return load_clinic()


@pytest.fixture
def talks(clinic: Clinic) -> list[Appointment]:
    """Three talks with Tess Stone on the next working day; both therapists are taken at ten."""
    day = local_date(timezone.now(), ZONE) + timedelta(days=1)
    while day.isoweekday() > 5:
        day += timedelta(days=1)

    def at(hour: int) -> datetime:
        return to_instant(day, time(hour), ZONE)

    def talk(name: str, hour: int, who: int) -> Appointment:
        return make_appointment(
            make_patient(name, "Byron", user=make_user()),
            make_service("therapy"),
            clinic.site,
            at(hour),
            [clinic.therapists[who], clinic.rooms[who]],
        )

    talk("Hedy", 10, 1)
    return [talk("Ada", 9, 0), talk("Grace", 10, 0), talk("Mary", 11, 0)]


def test_sick_tomorrow_with_the_keyboard_alone(
    page: Page, live_server: object, talks: list[Appointment]
) -> None:
    carry(desk_of("front_desk"), page, str(live_server))
    page.set_viewport_size({"width": 1280, "height": 900})
    day = local_date(talks[0].start, ZONE)
    page.goto(f"{live_server}/desk/?date={day:%Y-%m-%d}")

    page.get_by_role("link", name="Away… Tess Stone").press("Enter")
    expect(page.get_by_label("Who or what")).to_have_value(re.compile(".{36}"))
    page.get_by_label("Why").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tess Stone is away")
    expect(page.get_by_text("3 sessions are affected.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    improve_due(timezone.now())
    expect(page.get_by_role("progressbar")).to_have_count(0)
    look_at(page, "repair")

    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("link", name=re.compile("Other times.*Grace")).press("Enter")
    panel = page.locator("#panel")
    expect(panel.get_by_role("button", name=re.compile("Pin here")).first).to_be_visible()
    look_at(page, "repair-others")
    page.set_viewport_size({"width": 1280, "height": 900})
    panel.get_by_role("button", name=re.compile("Pin here")).first.press("Enter")
    expect(page.locator(".badge", has_text="pinned")).to_be_visible()

    page.locator("h1").click()
    page.keyboard.press("y")
    expect(page.get_by_text("3 sessions were changed.")).to_be_visible()
    assert Disruption.objects.get().status == "applied"
    look_at(page, "repair-taken")
    page.keyboard.press("u")
    expect(page.get_by_text("Everything is back where it was.")).to_be_visible()
    assert Disruption.objects.get().status == "proposed"


def test_what_opens_on_a_phone_is_brought_into_sight(
    page: Page, live_server: object, talks: list[Appointment]
) -> None:
    sick = disrupt(
        actor=Actor.of(make_user("", "front_desk")),
        resource=talks[0].reservations.get(role="therapist").resource,
        start=timezone.now(),
        end=talks[0].start + timedelta(days=1),
        reason="Sick",
        now=timezone.now(),
    )
    improve_due(timezone.now())
    carry(desk_of("front_desk"), page, str(live_server))
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{live_server}/desk/repairs/{sick.pk}/")

    page.get_by_role("link", name=re.compile("Other times.*Ada")).click()

    expect(page.locator("#panel")).to_be_focused()
    expect(page.locator("#panel").get_by_role("heading", level=1)).to_be_in_viewport()


def test_it_works_without_scripts(
    browser: Browser, live_server: object, talks: list[Appointment]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    carry(desk_of("front_desk"), page, str(live_server))
    page.goto(f"{live_server}/desk/away/?date={local_date(talks[0].start, ZONE):%Y-%m-%d}")
    page.get_by_label("Who or what").select_option(label="Tess Stone")
    page.get_by_role("button", name="Close it and see the repair").click()
    page.get_by_role("button", name=re.compile("Leave out.*Mary")).click()
    expect(page.get_by_role("heading", name="Left to a person")).to_be_visible()
    page.get_by_role("button", name=re.compile("Move all of it")).click()
    expect(page.get_by_text("2 sessions were changed.")).to_be_visible()
    context.close()


def test_what_could_be_done_is_pressed_without_scripts_on_a_phone(
    browser: Browser, live_server: object, talks: list[Appointment], clinic: Clinic
) -> None:
    """Tess Stone is there late on one day only, and nobody else gives talks."""
    ada = talks[0]
    Resource.objects.filter(pk=clinic.therapists[1].pk).update(active=False)
    tess, desk = clinic.therapists[0], Actor.of(make_user("", "front_desk"))
    day = to_instant(local_date(ada.start, ZONE), time(0), ZONE)
    away = {"actor": desk, "resource": tess, "reason": "Sick", "now": timezone.now()}
    close(**away, start=day + timedelta(days=1), end=day + timedelta(days=200))
    make_clinic("north")
    sick = disrupt(**away, start=timezone.now(), end=day + timedelta(hours=16, minutes=30))
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    carry(desk_of("front_desk"), page, str(live_server))
    page.goto(f"{live_server}/desk/repairs/{sick.pk}/")
    expect(page.get_by_role("link", name=re.compile("Go there At another site"))).to_have_count(3)
    picture(page, "repair-overtime")

    page.get_by_role("button", name=re.compile("Take this With overtime.*Ada")).click()
    expect(page.get_by_text("It is part of the proposal now.")).to_be_visible()
    expect(page.locator(".badge", has_text="overtime until 17:20")).to_be_visible()
    page.get_by_role("button", name=re.compile("waitlist.*Mary")).click()
    expect(page.get_by_text("On the waitlist.")).to_be_visible()
    expect(page.get_by_text("Waits for a time that becomes free").first).to_be_visible()
    page.get_by_role("button", name=re.compile("Move all of it")).click()
    expect(page.get_by_text("1 session was changed.")).to_be_visible()
    ada.refresh_from_db()
    assert ada.start == day + timedelta(hours=16, minutes=30)
    context.close()


def test_what_could_be_done_fits_every_screen(
    page: Page, live_server: object, talks: list[Appointment], clinic: Clinic
) -> None:
    Resource.objects.filter(site=clinic.site, roles__contains=["therapy_room"]).update(active=False)
    Resource.objects.filter(pk=clinic.rooms[0].pk).update(active=True)
    start = to_instant(local_date(talks[0].start, ZONE), time(0), ZONE)
    water = disrupt(
        actor=Actor.of(make_user("", "front_desk")),
        resource=clinic.rooms[0],
        start=timezone.now(),
        end=start + timedelta(days=200),
        reason="Water",
        now=timezone.now(),
    )
    improve_due(timezone.now())
    carry(desk_of("front_desk"), page, str(live_server))
    page.goto(f"{live_server}/desk/repairs/{water.pk}/")
    expect(page.get_by_role("button", name=re.compile("Take this By video"))).to_have_count(3)
    page.get_by_role("button", name=re.compile("Take this By video.*Grace")).press("Enter")
    expect(page.locator(".badge", has_text="by video")).to_be_visible()
    page.get_by_role("button", name=re.compile("waitlist.*Mary")).press("Enter")
    expect(page.get_by_text("Waits for a time that becomes free").first).to_be_visible()

    look_at(page, "repair-options")


def test_the_patient_answers_on_a_phone(
    page: Page, live_server: object, talks: list[Appointment]
) -> None:
    desk = desk_of("front_desk")
    day = talks[0].start - timedelta(hours=talks[0].start.hour)
    desk.post(
        "/desk/away/",
        {
            "whom": str(talks[0].reservations.get(role="therapist").resource_id),
            "start": f"{day:%Y-%m-%dT00:00}",
            "end": f"{day + timedelta(days=2):%Y-%m-%dT00:00}",
            "reason": "Sick",
        },
    )
    found = Disruption.objects.get()
    desk.post(f"/desk/repairs/{found.pk}/apply/", {"revision": found.revision})
    patient = Client()
    patient.force_login(talks[1].patient.user)
    carry(patient, page, str(live_server))
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]

    page.goto(f"{live_server}/changes/{talks[1].pk}/")

    look_at(page, "my-changes")
    page.get_by_role("link", name=re.compile("Choose another time")).focus()
    page.get_by_role("button", name="This suits me").click()
    expect(page.get_by_text("You have told us that this suits you.")).to_be_visible()
