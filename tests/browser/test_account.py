"""Account pages in a real browser: a passkey made and used, every page accessible on a phone."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.conftest import PHONE
from tests.browser.look import fits, look_at
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "seven calm rivers run"


@pytest.fixture
def authenticator(page: Page) -> None:
    """A phone's own lock, as Chromium pretends it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def type_code(page: Page) -> None:
    found = re.search(r"^([A-Z0-9-]{6,9})$", mail.outbox[-1].body, re.M)
    assert found
    page.get_by_label("Code").fill(found.group(1))
    page.get_by_role("button", name="Go on").click()


@pytest.mark.usefixtures("authenticator")
def test_a_passkey_makes_an_account_and_opens_it_again(page: Page, live_server: object) -> None:
    address = str(live_server).replace("127.0.0.1", "localhost")  # a passkey needs a name
    page.goto(f"{address}/accounts/signup/passkey/")
    page.get_by_label("Your email").fill("ada@example.org")
    page.get_by_role("button", name="Go on").click()
    type_code(page)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert Authenticator.objects.get().type == Authenticator.Type.WEBAUTHN

    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_every_account_page_is_accessible_and_fits(page: Page, live_server: object) -> None:
    make_user("ada@example.org", password=PASSWORD)
    page.set_viewport_size(PHONE)
    for path in ("login", "signup", "signup/passkey", "login/code", "password/reset"):
        page.goto(f"{live_server}/accounts/{path}/")
        look_at(page, f"account-{path.replace('/', '-')}")
        assert fits(page)
    page.goto(f"{live_server}/accounts/login/code/")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_role("button", name="Send the code").click()
    look_at(page, "account-code")
    page.context.clear_cookies()
    page.goto(f"{live_server}/accounts/login/")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{live_server}/")
    page.goto(f"{live_server}/accounts/reauthenticate/")
    look_at(page, "account-reauthenticate")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").first.click()
    pages = (
        *("account/", "account/mail/", "accounts/email/", "accounts/password/change/"),
        *("accounts/2fa/", "accounts/2fa/totp/activate/", "accounts/2fa/webauthn/add/"),
        *("accounts/sessions/", "accounts/logout/"),
    )
    for path in pages:
        answer = page.goto(f"{live_server}/{path}")
        assert answer
        assert answer.url.endswith(path), f"{path} led to {answer.url}"
        look_at(page, "account-" + path.strip("/").replace("/", "-"))
        assert fits(page), path


def test_staff_are_led_to_their_second_factor(page: Page, live_server: object) -> None:
    nurse: User = make_user("quinn@example.org", "nurse", password=PASSWORD)
    nurse.authenticator_set.all().delete()
    page.goto(f"{live_server}/accounts/login/?next=/courses/")
    page.get_by_label("Email").fill(nurse.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    look_at(page, "account-second-factor")
