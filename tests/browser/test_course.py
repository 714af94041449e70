"""A patient looks at a course in a real browser, and cancels a session of it with the keyboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from scheduling.models import Appointment, CarePlan, Gate
from tests.browser.conftest import carry
from tests.factories import make_patient, make_user
from tests.scheduling.operations.care import load_clinic, make_course, make_infusion, make_talk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = [320, 360, 1280]


@pytest.fixture
def plan(transactional_db: None) -> CarePlan:
    """A course at mid-point: an infusion is over, a talk and two infusions are ahead."""
    clinic = load_clinic()
    clinic.site.phone = "+1 303 555 0100"
    clinic.site.save()
    plan = make_course(make_patient(user=make_user("ada@example.org")), clinic)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for number, days in enumerate((-7, 3, 14), start=1):
        one = make_infusion(plan, clinic, f"inf.{number}", hour + timedelta(days=days))
        Gate.objects.create(appointment=one, code="ride", due_at=one.start - timedelta(hours=24))
    Appointment.objects.filter(step="inf.1").update(status="fulfilled")
    make_talk(plan, clinic, "integ.1", hour + timedelta(days=5))
    return plan


@pytest.fixture
def ada(page: Page, live_server: object, plan: CarePlan) -> Page:
    """Ada's browser, signed in."""
    client = Client()
    client.force_login(plan.patient.user)
    carry(client, page, str(live_server))
    return page


def no_violations(page: Page) -> None:
    """axe finds nothing on the page as it stands."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_a_course_is_accessible_and_fits(
    ada: Page, live_server: object, plan: CarePlan, scheme: str
) -> None:
    ada.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    infusion = Appointment.objects.get(step="inf.2")
    for path in (
        f"/courses/{plan.pk}/",
        f"/courses/{plan.pk}/history/",
        f"/sessions/{infusion.pk}/move/",
        f"/sessions/{infusion.pk}/cancel/",
        f"/sessions/{infusion.pk}/ride/",
    ):
        for width in WIDTHS:
            ada.set_viewport_size({"width": width, "height": 740})
            ada.goto(f"{live_server}{path}")
            assert ada.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        no_violations(ada)


def test_a_session_is_cancelled_with_the_keyboard_alone(
    ada: Page, live_server: object, plan: CarePlan
) -> None:
    ada.goto(f"{live_server}/courses/{plan.pk}/")
    tab_to(ada, "Cancel Ketamine infusion 2 of 3")
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("heading", level=1)).to_have_text("Cancel a session")
    tab_to(ada, "I am not well")
    ada.keyboard.press("Space")
    tab_to(ada, "Cancel this session")
    ada.keyboard.press("Enter")

    expect(ada.get_by_role("status").first).to_contain_text("Cancelled")
    assert Appointment.objects.get(step="inf.2").status == "cancelled"
    no_violations(ada)


def tab_to(page: Page, name: str, most: int = 40) -> None:
    """Press Tab until a control whose name holds these words has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(e => (e.closest('label') || e).textContent.replace(/\\s+/g, ' ').trim())"
            "(document.activeElement)"
        )
        if name in focused:
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")
