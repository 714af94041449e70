"""A patient's browser, and a course to live with."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from scheduling.models import CarePlan
from tests.factories import make_clinic
from tests.scheduling.web.booked import book_course, cancel, give_treatment_today, prove, signed_in

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def plan(transactional_db: None) -> CarePlan:
    """A course whose review was cancelled today, a dosing day."""
    clinic = make_clinic()
    clinic.site.phone = "+1 303 555 0100"
    clinic.site.save()
    plan = book_course(clinic)
    give_treatment_today(plan, clinic)
    cancel(signed_in(plan), plan, "review.1")
    return plan


def carry(browser: Client, page: Page, address: str) -> None:
    """Let the page go on as who signed in in that browser."""
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


def sign_in(page: Page, plan: CarePlan, address: str) -> None:
    carry(signed_in(plan), page, address)


def show_password(page: Page, plan: CarePlan, address: str) -> None:
    """As `sign_in`, and the patient has shown their password."""
    carry(prove(signed_in(plan), plan.patient.user), page, address)


@pytest.fixture
def ada(page: Page, live_server: object, plan: CarePlan) -> Page:
    sign_in(page, plan, str(live_server))
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return page
