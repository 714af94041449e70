"""A day at the desk in a real browser: with the mouse, with the keyboard, without scripts."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from scheduling.core.walltime import local
from scheduling.models import Appointment, CarePlan, Escalation
from scheduling.operations.actor import Actor
from scheduling.operations.escalate import raise_alert
from scheduling.web.desk.discharge import CHECKS
from tests.browser.conftest import carry
from tests.browser.look import look_at
from tests.factories import ZONE, Clinic, make_patient
from tests.scheduling.operations.care import (
    close_gates,
    load_clinic,
    make_course,
    make_infusion,
    make_talk,
)
from tests.scheduling.web.desk.day import desk_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def clinic(transactional_db: None) -> Clinic:
    return load_clinic()


@pytest.fixture
def workday() -> datetime:
    """Nine o'clock on a working day a week ahead."""
    start = local(timezone.now() + timedelta(days=7), ZONE)
    start = start.replace(hour=9, minute=0, second=0, microsecond=0)
    while start.isoweekday() > 5:
        start += timedelta(days=1)
    return start


@pytest.fixture
def talk(clinic: Clinic, workday: datetime) -> Appointment:
    plan = make_course(make_patient("Ada", "Byron", phone="303 555 0101"), clinic)
    return make_talk(plan, clinic, "prep.1", workday)


@pytest.fixture
def infusion(clinic: Clinic) -> Appointment:
    """Otto's first infusion begins about now, and nobody has named who drives."""
    plan: CarePlan = make_course(make_patient("Otto", "Olsen"), clinic)
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    infusion = make_infusion(plan, clinic, "inf.1", now)
    close_gates(infusion, but=("ride",))
    return infusion


def sit_down(page: Page, live_server: object, *roles: str) -> Client:
    """Somebody of these roles at a wide screen."""
    browser = desk_of(*roles)
    carry(browser, page, str(live_server))
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    return browser


def open_day(page: Page, live_server: object, when: datetime) -> None:
    page.goto(f"{live_server}/desk/?date={local(when, ZONE):%Y-%m-%d}")


def press(page: Page, key: str) -> None:
    """A key of the open visit, once the panel listens."""
    expect(page.locator("#panel")).to_be_focused()
    page.keyboard.press(key)


def test_a_visit_from_the_door_to_the_way_home_with_the_keyboard_alone(
    page: Page, live_server: object, infusion: Appointment
) -> None:
    sit_down(page, live_server, "front_desk", "nurse", "prescriber")
    open_day(page, live_server, infusion.start)
    panel = page.locator("#panel")

    page.locator("a.visit", has_text="Otto").first.focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_role("heading", level=1)).to_have_text("Otto Olsen")
    press(page, "a")
    expect(panel).to_contain_text("is here")
    panel.get_by_label("Who drives, and their phone").focus()
    page.keyboard.type("Grace, 303 555 0102")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name=re.compile("Open again.*Ride home"))).to_be_visible()
    press(page, "b")
    expect(panel).to_contain_text("under way")
    press(page, "r")
    expect(panel).to_contain_text("resting")
    for _code, words in CHECKS:
        panel.get_by_label(str(words)).check()
    panel.get_by_label("Who takes them home").fill("Grace")
    panel.get_by_text("Earlier than planned (prescriber)").click()
    panel.get_by_label("Why?").fill("Well, and her sister is a nurse")
    panel.focus()
    press(page, "d")
    expect(panel.locator("h1 + p strong")).to_have_text("done")

    infusion.refresh_from_db()
    assert infusion.status == "fulfilled"
    expect(page.locator("a.visit.s-fulfilled").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"/desk/\?date="))
    page.keyboard.press("Escape")
    expect(panel).to_be_empty()


def test_a_visit_is_dragged_its_effect_seen_moved_and_taken_back(
    page: Page, live_server: object, talk: Appointment
) -> None:
    before = talk.start
    sit_down(page, live_server, "front_desk")
    open_day(page, live_server, talk.start)
    block = page.locator(f'a.visit[data-visit="{talk.pk}"]').first
    block.scroll_into_view_if_needed()
    box = block.bounding_box()
    assert box
    x, y = box["x"] + 30, box["y"] + 5
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 40, steps=4)
    page.mouse.move(x, y + 96, steps=4)
    page.mouse.up()

    panel = page.locator("#panel")
    expect(panel).to_contain_text("What would change")
    talk.refresh_from_db()
    assert talk.start == before
    panel.get_by_role("button", name="Move").first.click()
    expect(panel).to_contain_text("Moved.")
    talk.refresh_from_db()
    assert talk.start == before + timedelta(hours=1)
    panel.get_by_role("button", name="Undo the move").click()
    expect(panel).to_contain_text("Moved back.")
    talk.refresh_from_db()
    assert talk.start == before


def test_a_visit_is_moved_with_the_arrow_keys(
    page: Page, live_server: object, talk: Appointment
) -> None:
    before = talk.start
    sit_down(page, live_server, "front_desk")
    open_day(page, live_server, talk.start)

    page.locator(f'a.visit[data-visit="{talk.pk}"]').first.focus()
    page.keyboard.press("m")
    for _quarter in range(4):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#landing")).to_contain_text("10:00")
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text("What would change")
    page.keyboard.press("y")
    expect(page.locator("#panel")).to_contain_text("Moved.")

    talk.refresh_from_db()
    assert talk.start == before + timedelta(hours=1)


def test_escape_leaves_everything_where_it_was(
    page: Page, live_server: object, talk: Appointment
) -> None:
    sit_down(page, live_server, "front_desk")
    open_day(page, live_server, talk.start)

    page.locator(f'a.visit[data-visit="{talk.pk}"]').first.focus()
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")

    expect(page.locator(".landing")).to_have_count(0)
    expect(page.locator("#panel")).to_be_empty()


def test_what_another_desk_changes_appears_without_losing_place(
    page: Page, live_server: object, talk: Appointment
) -> None:
    sit_down(page, live_server, "front_desk")
    open_day(page, live_server, talk.start)
    block = page.locator(f'a.visit[data-visit="{talk.pk}"]').first
    block.focus()
    expect(block).to_contain_text("booked")

    other = desk_of("front_desk")
    path = f"/desk/visits/{talk.pk}/late/"
    other.post(path, {"minutes": "25"})

    expect(block).to_contain_text("25 min late", timeout=6000)
    expect(block).to_be_focused()


def test_a_caller_is_found_shows_who_they_are_and_is_booked(
    page: Page, live_server: object, talk: Appointment
) -> None:
    sit_down(page, live_server, "front_desk")
    open_day(page, live_server, talk.start)
    panel = page.locator("#panel")

    page.keyboard.press("/")
    page.keyboard.type("book byr")
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("Who is calling?")
    panel.get_by_label(re.compile("Birth date")).check()
    panel.get_by_label(re.compile("Phone number")).check()
    panel.get_by_role("button", name="It is them").click()
    panel.get_by_role("link", name=re.compile("Book…")).click()
    panel.get_by_role("link", name="Supportive counselling").click()
    panel.locator(".days a").last.click()
    expect(panel.locator("h3")).to_be_visible()
    panel.locator("h3 + .days a").first.click()
    panel.get_by_role("button", name=re.compile("Hold this time")).click()
    expect(panel).to_contain_text("Held until")
    panel.get_by_role("button", name=re.compile("Book it")).click()
    expect(panel).to_contain_text("Booked.")

    assert Appointment.objects.get(care_plan=None).status == "booked"


def test_the_desk_works_without_scripts(
    browser: Browser, live_server: object, infusion: Appointment
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=WIDE)  # type: ignore[arg-type]
    page = context.new_page()
    carry(desk_of("front_desk"), page, str(live_server))
    open_day(page, live_server, infusion.start)

    page.locator("a.visit", has_text="Otto").first.click()
    page.get_by_role("button", name=re.compile("Arrived")).click()
    expect(page.get_by_role("status")).to_contain_text("Recorded.")
    page.get_by_label("Find a patient").fill("ols")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile("Otto Olsen")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Otto Olsen")
    context.close()


def test_every_page_of_the_desk_fits_and_is_accessible(
    page: Page, live_server: object, infusion: Appointment, talk: Appointment
) -> None:
    raise_alert(
        actor=Actor.sweep(),
        patient=talk.patient,
        site=talk.site,
        care_plan=talk.care_plan,
        now=timezone.now(),
    )
    assert Escalation.objects.exists()
    sit_down(page, live_server, "front_desk", "nurse", "clinician", "prescriber", "manager")
    chair = infusion.reservations.filter(role="infusion_chair").get().resource_id
    for path, name in (
        ("", "board"),
        (f"?date={local(talk.start, ZONE):%Y-%m-%d}&kind=place", "board-ahead"),
        (f"week/{chair}/", "week"),
        (f"visits/{infusion.pk}/", "visit"),
        (f"visits/{talk.pk}/move/", "move"),
        (f"visits/{talk.pk}/cancel/", "cancel"),
        (f"patients/{talk.patient_id}/", "patient"),
        ("patients/new/", "new-patient"),
        (f"courses/{talk.care_plan_id}/", "course"),
        ("inbox/", "inbox"),
        ("chairs/", "chairs"),
        ("my-day/", "my-day"),
        ("reports/", "reports"),
        ("print/", "sheets"),
        ("print/?by=patient", "sheets-by-patient"),
        ("setup/", "setup"),
        (f"setup/hours/{chair}/", "setup-hours"),
        (f"setup/people-and-places/{chair}/", "setup-resource"),
        ("setup/closures/", "setup-closures"),
        ("setup/closures/holidays/", "setup-holidays"),
        ("setup/groups/", "setup-groups"),
        ("setup/protocols/trd_iv6/", "setup-protocol"),
        ("setup/protocols/trd_iv6/1/", "setup-version"),
        ("setup/services/therapy/", "setup-service"),
        ("setup/policies/", "setup-policies"),
    ):
        answer = page.goto(f"{live_server}/desk/{path}")
        assert answer
        assert answer.ok, path
        look_at(page, f"desk-{name}")


def test_each_sheet_is_a_page_of_its_own_behind_a_cover_that_names_nobody(
    page: Page, live_server: object, infusion: Appointment
) -> None:
    sit_down(page, live_server, "front_desk")
    day = local(infusion.start, ZONE)
    page.goto(f"{live_server}/desk/print/?date={day:%Y-%m-%d}")

    paper = page.pdf()

    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") == 3  # nurse and chair
    assert "Olsen" not in page.locator(".cover").inner_text()
    expect(page.locator(".sheet", has_text="Otto Olsen")).to_have_count(2)


def test_the_open_panel_beside_the_board_is_accessible(
    page: Page, live_server: object, infusion: Appointment
) -> None:
    sit_down(page, live_server, "front_desk", "nurse")
    open_day(page, live_server, infusion.start)
    page.locator("a.visit", has_text="Otto").first.click()
    expect(page.locator("#panel").get_by_role("heading", level=1)).to_be_visible()
    look_at(page, "desk-open")


def test_a_board_on_which_nothing_changed_stays(
    page: Page, live_server: object, talk: Appointment, workday: datetime
) -> None:
    sit_down(page, live_server, "front_desk")
    open_day(page, live_server, workday)
    for _ in range(2):  # the first look may find a board that is newer than the page
        with page.expect_response(lambda one: one.status == 304, timeout=15_000):
            pass
    expect(page.locator("#board")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Ada Byron"))).not_to_have_count(0)
