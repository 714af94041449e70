"""A therapist is sick tomorrow: marked away, seen, taken and put back, in a real browser."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from scheduling.core.walltime import local_date, to_instant
from scheduling.models import Appointment, Disruption
from scheduling.operations.improve import improve_due
from tests.browser.conftest import PHONE, carry
from tests.browser.look import look_at
from tests.factories import ZONE, Clinic, make_appointment, make_patient, make_service, make_user
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
