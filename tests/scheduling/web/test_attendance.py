"""A patient who has signed in says that they come, on the page of the course or of the visit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from scheduling.models import Appointment, Event
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from tests.factories import make_appointment, make_patient, make_service, make_user
from tests.scheduling.operations.care import load_clinic, make_course, make_talk

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Appointment:
    clinic = load_clinic()
    plan = make_course(make_patient(user=make_user("ada@example.org")), clinic)
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    return make_talk(plan, clinic, "prep.1", start)


@pytest.fixture
def ada(session: Appointment) -> Client:
    browser = Client()
    browser.force_login(session.patient.user)
    return browser


def page(browser: Client, session: Appointment) -> str:
    return browser.get(f"/courses/{session.care_plan_id}/").content.decode()


def test_the_next_session_is_answered_on_the_page_of_the_course(
    ada: Client, session: Appointment
) -> None:
    assert "I will come" in page(ada, session)
    assert "I cannot come" in page(ada, session)

    ada.post(f"/sessions/{session.pk}/attendance/", {"sequence": session.sequence})

    assert "You said you will come." in page(ada, session)
    assert ">I will come<" not in page(ada, session)
    assert "I cannot come" in page(ada, session)
    assert Event.objects.get(verb="attendance_accepted").actor == session.patient.user


@pytest.mark.parametrize("sequence", ["1", "", "x", "9" * 30, "-1"])
def test_an_answer_about_another_time_is_not_noted(
    ada: Client, session: Appointment, sequence: str
) -> None:
    answer = ada.post(f"/sessions/{session.pk}/attendance/", {"sequence": sequence}, follow=True)

    session.refresh_from_db()
    assert (answer.status_code, session.attendance) == (200, "")


def test_who_said_they_cannot_come_still_has_the_time(ada: Client, session: Appointment) -> None:
    Appointment.objects.update(attendance="declined")

    assert "The time is still yours until you cancel or move it." in page(ada, session)


def test_a_visit_outside_a_course_is_answered_and_its_cancellation_taken_back(
    ada: Client, session: Appointment
) -> None:
    site = session.site
    start = session.start + timedelta(hours=2)
    visit = make_appointment(session.patient, make_service("therapy"), site, start, [])
    address = f"/visits/held/{visit.pk}/"
    assert "I will come" in ada.get(address).content.decode()
    assert "Take the cancellation back" not in ada.get(address).content.decode()

    link = Actor.by_message_link(session.patient)
    cancel(actor=link, appointment=visit, reason="unwell", version=None, now=timezone.now())

    assert "I will come" not in ada.get(address).content.decode()
    assert "Take the cancellation back" in ada.get(address).content.decode()
