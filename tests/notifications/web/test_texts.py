"""The patient says yes to texts, or no."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts.models import ContactConsent
from notifications.operations.text_replies import take
from scheduling.models import Event
from tests.factories import make_patient, make_site, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(settings: LazySettings) -> Client:
    settings.SMS_PROVIDER = "console"
    user = make_user("ada@example.org")
    make_patient(user=user, phone="303 555 0199")
    browser = Client()
    browser.force_login(user)
    return browser


def test_a_yes_is_kept_with_number_and_wording(ada: Client) -> None:
    assert 'value="303 555 0199"' in ada.get("/account/texts/").content.decode()

    ada.post("/account/texts/", {"number": "(303) 555-0100", "agree": "on"})

    yes = ContactConsent.objects.get()
    assert (yes.purpose, yes.address, yes.wording) == (
        "sms_appointments",
        "+13035550100",
        "texts 2026-11",
    )
    assert Event.objects.get().verb == "texts_wanted"
    assert "We text +13035550100" in ada.get("/account/texts/").content.decode()
    yes.patient.refresh_from_db()
    assert yes.patient.phone == "303 555 0199"


@pytest.mark.parametrize(
    "said",
    [
        {"number": "303 555 010", "agree": "on"},
        {"number": "", "agree": "on"},
        {"number": "303 555 0100"},
        {"number": "303 555 0100\x00", "agree": "on"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(ada: Client, said: dict[str, str]) -> None:
    answer = ada.post("/account/texts/", said)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Some answers need another look" in page
    assert said["number"].replace("\x00", "") in page
    assert not ContactConsent.objects.exists()


def test_a_no_ends_it(ada: Client) -> None:
    ada.post("/account/texts/", {"number": "303 555 0100", "agree": "on"})
    page = ada.post("/account/texts/", {"stop": "1"}, follow=True).content.decode()
    assert "You get no more texts." in page
    assert ContactConsent.objects.get().withdrawn_at is not None
    assert Event.objects.last().verb == "texts_stopped"


def test_a_new_yes_after_stop_counts(ada: Client) -> None:
    make_site()
    ada.post("/account/texts/", {"number": "303 555 0100", "agree": "on"})
    take(event_id="1", number="+13035550100", text="STOP", now=timezone.now())
    ada.post("/account/texts/", {"number": "303 555 0100", "agree": "on"})
    assert "We text +13035550100" in ada.get("/account/texts/").content.decode()


def test_there_is_no_such_page_without_a_provider(ada: Client, settings: LazySettings) -> None:
    assert "/account/texts/" in ada.get("/account/").content.decode()
    settings.SMS_PROVIDER = ""
    assert ada.get("/account/texts/").status_code == 404
    assert "/account/texts/" not in ada.get("/account/").content.decode()


def test_it_is_for_patients(ada: Client) -> None:
    desk = Client()
    desk.force_login(make_user("", "front_desk"))
    assert desk.get("/account/texts/").status_code == 404
    assert Client().get("/account/texts/").status_code == 302
