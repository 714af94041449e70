"""The desk sees where nothing goes, and why; and lifts it."""

from __future__ import annotations

import pytest
from django.test import Client

from notifications.models import Suppression
from notifications.operations.suppress import suppress
from scheduling.models import Event
from tests.factories import make_patient, make_site, make_user
from tests.scheduling.web.desk.day import desk_of

pytestmark = pytest.mark.django_db
PART = "?part=1"


@pytest.fixture(autouse=True)
def site() -> None:
    make_site()


def show(browser: Client, patient: object, part: str = "") -> str:
    return str(browser.get(f"/desk/patients/{patient.pk}/reach/{part}").content.decode())  # type: ignore[attr-defined]


def identified(role: str, patient: object) -> Client:
    browser = desk_of(role)
    browser.post(f"/desk/patients/{patient.pk}/identify/", {"by": ["phone", "email"]})  # type: ignore[attr-defined]
    return browser


def test_why_nothing_goes_there_and_lift_it() -> None:
    ada = make_patient(user=make_user("ada@example.org"), email="Old@example.org")
    suppress("ada@EXAMPLE.org", "bounce")
    suppress("old@example.org", "complaint")
    suppress("somebody@else.example", "bounce")
    desk = identified("front_desk", ada)

    for part in ("", PART):
        page = show(desk, ada, part)
        assert "there is no such mailbox" in page
        assert "reported our mail as unwanted" in page
        assert "somebody@else.example" not in page
    row = Suppression.objects.get(reason="bounce", address__iexact="ada@example.org")
    answer = desk.post(f"/desk/patients/{ada.pk}/reach/{row.pk}/", follow=True)
    assert "We send there again." in answer.content.decode()
    row.refresh_from_db()
    assert row.lifted_at is not None
    event = Event.objects.get(verb="suppression_lifted")
    assert "ada@" not in str(event.facts)
    assert event.patient == ada


def test_a_stop_by_text_is_nobody_elses_to_lift() -> None:
    ada = make_patient(user=make_user("ada@example.org"))
    ada.contact_consents.create(
        purpose="sms_appointments",
        address="+13035550100",
        wording="w",
        given_at="2026-11-01T00:00Z",
        withdrawn_at="2026-11-02T00:00Z",
    )
    suppress("+13035550100", "stop")
    desk = identified("front_desk", ada)
    assert "texted STOP" in show(desk, ada)
    assert "send there again" not in show(desk, ada)
    row = Suppression.objects.get()
    desk.post(f"/desk/patients/{ada.pk}/reach/{row.pk}/")
    row.refresh_from_db()
    assert row.lifted_at is None


def test_a_nurse_sees_and_does_not_lift() -> None:
    ada = make_patient(email="ada@example.org")
    suppress("ada@example.org", "bounce")
    nurse = identified("nurse", ada)
    page = show(nurse, ada)
    assert "there is no such mailbox" in page
    assert "send there again" not in page
    nurse.post(f"/desk/patients/{ada.pk}/reach/{Suppression.objects.get().pk}/")
    assert Suppression.objects.get().lifted_at is None


def test_nothing_is_said_before_the_caller_is_known_and_not_of_others() -> None:
    ada, otto = make_patient(email="ada@example.org"), make_patient("Otto", "Olsen")
    suppress("ada@example.org", "bounce")
    row = Suppression.objects.get()
    desk = desk_of("front_desk")
    assert desk.get(f"/desk/patients/{ada.pk}/reach/").status_code == 302
    assert desk.post(f"/desk/patients/{ada.pk}/reach/{row.pk}/").status_code == 302
    desk = identified("front_desk", otto)
    assert desk.post(f"/desk/patients/{otto.pk}/reach/{row.pk}/").status_code == 404
    assert Suppression.objects.get().lifted_at is None
