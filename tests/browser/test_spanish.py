"""In Spanish words are longer: every page still fits a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from scheduling.models import CarePlan
from tests.browser.conftest import show_password
from tests.browser.look import look_at
from tests.browser.test_booking import open_clinic

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["open_clinic"]


def test_a_visitor_chooses_spanish_and_books_in_it(
    page: Page, live_server: object, open_clinic: None
) -> None:
    page.goto(f"{live_server}/")
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    look_at(page, "es-home")
    page.get_by_role("link", name="Ver los tratamientos").click()
    look_at(page, "es-choose")
    page.get_by_role("link", name="Seis infusiones para la depresión").click()
    look_at(page, "es-course")
    page.get_by_role("link", name="Buscar horas para este tratamiento").first.click()
    look_at(page, "es-preferences")
    earliest = timezone.now().date() + timedelta(days=3)
    page.get_by_label("Primer día en que podría venir").fill(earliest.isoformat())
    page.get_by_role("button", name="Mostrar planes").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("cabe")
    look_at(page, "es-proposals")
    page.get_by_role("button", name="Apartar este plan 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Su plan está apartado")
    look_at(page, "es-held")


def test_a_patient_lives_with_the_course_in_spanish(
    ada: Page, live_server: object, plan: CarePlan
) -> None:
    show_password(ada, plan, str(live_server))
    ada.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": "es", "url": str(live_server)}]
    )
    infusion = plan.appointments.get(step="inf.3").pk
    for path, name in (
        (f"courses/{plan.pk}/", "plan"),
        (f"courses/{plan.pk}/history/", "history"),
        (f"courses/{plan.pk}/screening/", "screening"),
        (f"courses/{plan.pk}/consent/", "consent"),
        (f"courses/{plan.pk}/progress/", "trend"),
        (f"sessions/{infusion}/move/", "move"),
        (f"sessions/{infusion}/cancel/", "cancel"),
        (f"sessions/{infusion}/ride/", "ride"),
        ("account/", "account"),
    ):
        answer = ada.goto(f"{live_server}/{path}")
        assert answer
        assert answer.ok
        look_at(ada, f"es-{name}")
