"""Webhooks at the desk and texts on a phone, in a real browser."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client
from playwright.sync_api import Page, expect

from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.operations.suppress import suppress
from notifications.operations.webhook_deliveries import deliver
from tests.browser.conftest import PHONE, carry
from tests.browser.look import look_at
from tests.factories import make_patient, make_site, make_user
from tests.notifications.receiver import receiver

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def browse_as(page: Page, address: str, user: object) -> Page:
    browser = Client()
    browser.force_login(user)  # type: ignore[arg-type]
    carry(browser, page, address)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return page


def test_a_manager_sets_up_a_webhook_and_tries_it(
    page: Page, live_server: object, settings: LazySettings
) -> None:
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    make_site()
    browse_as(page, str(live_server), make_user("", "manager"))
    page.goto(f"{live_server}/desk/setup/")
    page.get_by_role("link", name="Tell other programs of changes").click()
    look_at(page, "webhooks-none")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one.")
    look_at(page, "webhooks-errors")
    with receiver(500, 204) as other:
        page.get_by_label("Address").fill(other.url())
        page.get_by_label("What it is for").fill("Front of house")
        page.get_by_label("A visit was booked").check()
        page.get_by_role("button", name="Add it").click()
        secret = page.locator("code").text_content()
        assert secret == WebhookEndpoint.objects.get().secret
        look_at(page, "webhook-secret")
        page.get_by_role("button", name="Send a test").click()
        deliver()
        page.reload()
        expect(page.get_by_text("refused by the other side (500)")).to_be_visible()
        WebhookDelivery.objects.update(next_attempt_at="2020-01-01T00:00Z")
        deliver()
        page.reload()
        expect(page.get_by_text("delivered (204)")).to_be_visible()
    page.get_by_role("button", name="Make a new secret").click()
    page.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_text("Switched off.")).to_be_visible()
    look_at(page, "webhook-off")
    page.get_by_role("link", name="All of them").click()
    look_at(page, "webhooks-some")


def test_a_patient_starts_and_stops_texts(
    page: Page, live_server: object, settings: LazySettings
) -> None:
    settings.SMS_PROVIDER = "console"
    user = make_user("ada@example.org")
    make_patient(user=user)
    browse_as(page, str(live_server), user)
    page.goto(f"{live_server}/account/")
    look_at(page, "account-with-texts")
    page.get_by_role("link", name="Start or stop texts").click()
    look_at(page, "texts-off")
    page.get_by_label("Your mobile number").fill("303 555 010")
    page.get_by_role("button", name="Start texts").click()
    expect(page.get_by_role("alert")).to_contain_text("ten digits")
    look_at(page, "texts-errors")
    page.get_by_label("Your mobile number").fill("303 555 0100")
    page.get_by_label("You may text me").check()
    page.get_by_role("button", name="Start texts").click()
    expect(page.get_by_text("We text +13035550100")).to_be_visible()
    look_at(page, "texts-on")
    page.get_by_role("button", name="Stop texts").click()
    expect(page.get_by_text("You get no more texts.")).to_be_visible()


def test_the_desk_sees_where_nothing_goes_and_lifts_it(page: Page, live_server: object) -> None:
    make_site()
    ada = make_patient(email="ada@example.org", phone="303 555 0100")
    suppress("ada@example.org", "bounce")
    browse_as(page, str(live_server), make_user("", "front_desk"))
    page.goto(f"{live_server}/desk/patients/{ada.pk}/")
    page.get_by_label("Birth date").check()
    page.get_by_label("Phone number").check()
    page.get_by_role("button", name="It is them").click()
    expect(page.get_by_text("there is no such mailbox")).to_be_visible()
    look_at(page, "desk-patient-bounced")
    page.get_by_role("button", name="It works: send there again").click()
    expect(page.get_by_text("We send there again.")).to_be_visible()
    expect(page.get_by_text("there is no such mailbox")).to_have_count(0)
