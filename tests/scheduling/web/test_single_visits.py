"""A visit outside a course is moved and cancelled on the same pages, with words of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from scheduling.core.walltime import local_date
from scheduling.models import Appointment
from scheduling.operations.actor import Actor
from scheduling.operations.book import book_session
from scheduling.selectors.openings import openings
from scheduling.web.patient import keys
from tests.factories import (
    Clinic,
    make_clinic,
    make_patient,
    make_service,
    make_services,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    make_services()
    return make_clinic()


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    """Ada's evaluation, some days from now."""
    now = timezone.now()
    free = openings(
        site=clinic.site,
        service="evaluation",
        start=now + timedelta(days=3),
        end=now + timedelta(days=10),
        now=now,
    )
    ada = make_patient(user=make_user("ada@example.org"))
    return book_session(
        actor=Actor.of(ada.user),
        patient=ada,
        service=make_service("evaluation"),
        site=clinic.site,
        start=datetime.fromtimestamp(free[0].start, UTC),
        now=now,
    )


@pytest.fixture
def ada(visit: Appointment) -> Client:
    browser = Client()
    browser.force_login(visit.patient.user)
    return browser


def test_it_is_moved_to_a_free_time(ada: Client, visit: Appointment) -> None:
    path = f"/sessions/{visit.pk}/move/"
    weeks = ada.get(path).context["month"]["weeks"]
    day = [day["date"] for week in weeks for day in week if day["inside"] and day["free"]][-1]
    start = ada.get(path, {"day": day.isoformat()}).context["month"]["starts"][-1]
    sent = {"start": start.isoformat(), "version": visit.version}

    shown = ada.post(path, sent)
    answer = ada.post(path, sent | {"agree": "1", "seen": shown.context["seen"]}, follow=True)

    assert "course" not in words_of(shown.content.decode())
    assert answer.redirect_chain == [(f"/visits/held/{visit.pk}/", 302)]
    assert "Moved." in answer.content.decode()
    visit.refresh_from_db()
    assert (visit.start, local_date(visit.start, visit.site.timezone)) == (start, day)


@pytest.mark.parametrize(
    "start", ["2026-13-40T09:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_a_start_that_no_button_sent_asks_again(
    ada: Client, visit: Appointment, start: str
) -> None:
    before = visit.start
    for path in (f"/sessions/{visit.pk}/move/", f"/visits/{keys.key('evaluation')}/"):
        assert ada.post(path, {"start": start, "version": visit.version}).status_code == 200

    assert Appointment.objects.get().start == before


def words_of(page: str) -> str:
    """What stands in the page's main part."""
    return page.partition("<main")[2].partition("</main>")[0]


def test_it_is_cancelled_without_a_word_of_courses(ada: Client, visit: Appointment) -> None:
    path = f"/sessions/{visit.pk}/cancel/"

    asked = ada.get(path).content.decode()
    sent = {"reason": "unwell", "version": visit.version}
    answer = ada.post(path, sent, follow=True)

    assert "You can book another visit any time." in asked
    assert "course" not in words_of(asked)
    assert "Cancelled." in answer.content.decode()
    visit.refresh_from_db()
    assert visit.status == "cancelled"


def test_nobody_says_that_nobody_drives_them_home_from_a_talk(
    ada: Client, visit: Appointment
) -> None:
    path, driven = f"/sessions/{visit.pk}/cancel/", "I have nobody to take me home"
    assert driven not in ada.get(path).content.decode()
    ada.post(path, {"reason": "no_ride", "version": visit.version})
    visit.refresh_from_db()
    assert visit.status == "booked"


def test_its_page_offers_both_while_it_is_booked(ada: Client, visit: Appointment) -> None:
    before = ada.get(f"/visits/held/{visit.pk}/").content.decode()
    Appointment.objects.update(status="fulfilled")
    after = ada.get(f"/visits/held/{visit.pk}/").content.decode()

    for page in ("move", "cancel"):
        assert f'href="/sessions/{visit.pk}/{page}/"' in before
        assert f'href="/sessions/{visit.pk}/{page}/"' not in after


def test_what_belongs_to_courses_alone_is_not_there(ada: Client, visit: Appointment) -> None:
    assert ada.post(f"/sessions/{visit.pk}/again/").status_code == 404


@pytest.mark.parametrize("page", ["move", "cancel"])
def test_another_patient_finds_nothing(visit: Appointment, page: str) -> None:
    otto = Client()
    otto.force_login(make_patient("Otto", user=make_user("otto@example.org")).user)

    assert otto.get(f"/sessions/{visit.pk}/{page}/").status_code == 404
