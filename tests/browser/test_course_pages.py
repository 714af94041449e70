"""Every page of a course in each of its states: accessible and whole, light and dark, narrow and
wide."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Page

from scheduling.models import Appointment, CarePlan, Gate, Site
from tests.browser.look import look_at
from tests.factories import make_appointment, make_patient, make_service

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def session(plan: CarePlan, step: str) -> Appointment:
    return plan.appointments.filter(step=step).latest("created_at")


@pytest.mark.parametrize("status", ["active", "on_hold", "completed", "revoked"])
def test_a_course_in_each_of_its_states(
    ada: Page, live_server: object, plan: CarePlan, status: str
) -> None:
    CarePlan.objects.update(status=status)
    ada.goto(f"{live_server}/courses/{plan.pk}/")
    look_at(ada, f"course-{status}")


def test_what_is_empty_says_so(ada: Page, live_server: object, plan: CarePlan) -> None:
    ada.goto(f"{live_server}/courses/{plan.pk}/history/")
    look_at(ada, "history")
    CarePlan.objects.update(patient=make_patient("Grace"))
    ada.goto(f"{live_server}/courses/")
    look_at(ada, "courses-empty")


def test_moving_to_a_time_that_was_taken(ada: Page, live_server: object, plan: CarePlan) -> None:
    last = session(plan, "integ.4")
    ada.goto(f"{live_server}/sessions/{last.pk}/move/")
    ada.locator(".month button").last.click()
    start = ada.locator(".starts button").first.get_attribute("value")
    rooms = last.site.resources.filter(roles__contains=["therapy_room"])
    taken = datetime.fromisoformat(start or "")
    make_appointment(make_patient("Grace"), make_service("therapy"), last.site, taken, rooms)

    ada.locator(".starts button").first.click()
    assert ada.get_by_role("alert").is_visible()
    look_at(ada, "move-taken")


def test_what_cannot_be_moved_cancelled_or_booked_again_says_so(
    ada: Page, live_server: object, plan: CarePlan
) -> None:
    last = session(plan, "integ.4")
    plan.appointments.filter(pk=last.pk).update(status="arrived")
    for page in ("move", "cancel", "again"):
        ada.goto(f"{live_server}/sessions/{last.pk}/{page}/")
        look_at(ada, f"{page}-too-late")


def test_cancelling_late_and_the_ride_with_their_mistakes(
    ada: Page, live_server: object, plan: CarePlan
) -> None:
    Site.objects.update(late_cancel_hours=999, late_cancel_hours_treatment=999)
    infusion = session(plan, "inf.3")
    ada.goto(f"{live_server}/sessions/{infusion.pk}/cancel/")
    look_at(ada, "cancel-late")
    ada.goto(f"{live_server}/sessions/{infusion.pk}/move/")
    look_at(ada, "move-late")
    assert Gate.objects.filter(appointment=infusion, code="ride").exists()
    ada.goto(f"{live_server}/sessions/{infusion.pk}/ride/")
    ada.get_by_label("Their name").fill("🌿 " + "x" * 60)
    ada.get_by_label("Their phone number").fill("soon")
    ada.get_by_role("button", name="Save").click()
    look_at(ada, "ride-mistake")
