"""Signing up and in; and that nobody learns who has an account."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.test import Client
from redis import Redis

from accounts.models import User
from tests.factories import TOTP_SECRET, make_site, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "seven calm rivers run"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    caches["default"].clear()


def code_sent() -> str:
    """The code in the newest message."""
    found = re.search(r"^([A-Z0-9]{4}-?[A-Z0-9]{2,4}|[A-Z0-9]{6})$", mail.outbox[-1].body, re.M)
    assert found, mail.outbox[-1].body
    return found.group(1)


def known(email: str = "ada@example.org", *roles: str, password: str = "") -> User:
    user = make_user(email, *roles, password=password)
    EmailAddress.objects.get_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
    return user


def signed_in(browser: Client) -> str | None:
    return browser.session.get("_auth_user_id")


def totp() -> str:
    return format_hotp_value(hotp_value(TOTP_SECRET, next(yield_hotp_counters_from_time())))


@pytest.mark.parametrize(("roles", "place"), [((), "/"), (("front_desk",), "/desk/")])
@pytest.mark.parametrize("asked", ["", "/courses/"])
def test_who_works_here_comes_to_the_desk(roles: tuple[str, ...], place: str, asked: str) -> None:
    known("dana@example.org", *roles, password=PASSWORD)
    browser = Client()

    said = {"login": "dana@example.org", "password": PASSWORD, "next": asked}
    answer = browser.post("/accounts/login/", said)
    if roles:
        answer = browser.post("/accounts/2fa/authenticate/", {"code": totp()})

    assert answer["Location"] == (asked or place)


def test_an_address_and_a_code_make_an_account() -> None:
    browser = Client()

    asked = browser.post(
        "/accounts/signup/?next=/courses/", {"email": "Ada@Example.org", "next": "/courses/"}
    )
    assert asked["Location"] == "/accounts/confirm-email/?next=%2Fcourses%2F"
    assert signed_in(browser) is None
    done = browser.post("/accounts/confirm-email/", {"code": code_sent()})

    user = User.objects.get()
    assert (user.email, user.has_usable_password()) == ("ada@example.org", False)
    assert signed_in(browser) == str(user.pk)
    assert EmailAddress.objects.get(user=user).verified
    assert done["Location"] == "/courses/"


def test_an_address_that_takes_no_mail_can_be_corrected_and_nothing_is_lost() -> None:
    """What was chosen before stays in this browser, and so does where they were going."""
    make_site().__class__.objects.update(phone="+1 303 555 0100")
    browser = Client()
    going = {"email": "ada@exmaple.org", "next": "/courses/"}
    answer = browser.post("/accounts/signup/?next=/courses/", going, follow=True)
    page = answer.content.decode()
    assert "ada@exmaple.org" in page
    assert "+1 303 555 0100" in page
    back = re.search(r'name="next" value="(/accounts/signup/[^"]*)"', page)
    assert back

    form = browser.post("/accounts/logout/", {"next": back.group(1)}, follow=True)
    assert form.redirect_chain[-1][0] == "/accounts/signup/?next=/courses/"
    browser.post(
        "/accounts/signup/?next=/courses/", {"email": "ada@example.org", "next": "/courses/"}
    )
    done = browser.post("/accounts/confirm-email/", {"code": code_sent()})

    assert done["Location"] == "/courses/"
    assert signed_in(browser) == str(User.objects.get(email="ada@example.org").pk)


@pytest.mark.parametrize("password", ["short", "1q2w3e4r5t6y7u8i9o0p", "ada@example.org1"])
def test_a_password_is_long_and_not_a_common_one(password: str) -> None:
    answer = Client().post("/accounts/signup/", {"email": "ada@example.org", "password1": password})

    assert answer.context["form"].errors["password1"]
    assert not User.objects.exists()


def test_a_code_signs_in() -> None:
    user = known()
    browser = Client()

    browser.post("/accounts/login/code/", {"email": user.email})
    browser.post("/accounts/login/code/confirm/", {"code": code_sent()})

    assert signed_in(browser) == str(user.pk)
    assert mail.outbox[-1].subject == "Your sign-in code"


def test_a_wrong_code_signs_nobody_in_and_the_third_ends_it() -> None:
    user = known()
    browser = Client()
    browser.post("/accounts/login/code/", {"email": user.email})
    right = code_sent()

    for _ in range(3):
        browser.post("/accounts/login/code/confirm/", {"code": "WRONG1"})
    browser.post("/accounts/login/code/confirm/", {"code": right})

    assert signed_in(browser) is None


def test_a_password_signs_in_and_is_a_proof() -> None:
    user = known(password=PASSWORD)
    browser = Client()

    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})

    assert signed_in(browser) == str(user.pk)
    assert browser.get("/account/stronger/?next=/courses/")["Location"] == "/courses/"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/accounts/signup/?next=/courses/", "email"),
        ("/accounts/login/code/", "email"),
        ("/accounts/password/reset/", "email"),
        ("/accounts/signup/", "email"),
    ],
)
def test_an_unknown_address_is_answered_like_a_known_one(path: str, field: str) -> None:
    known("ada@example.org", password=PASSWORD)
    answers = []
    for email in ("ada@example.org", "nobody@example.org"):
        browser = Client()
        answer = browser.post(path, {field: email}, follow=True)
        page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
        answers.append((answer.redirect_chain, page.replace(email, "")))

    assert answers[0] == answers[1]


def test_a_wrong_password_and_an_unknown_address_are_told_alike() -> None:
    known("ada@example.org", password=PASSWORD)
    said = [
        Client()
        .post("/accounts/login/", {"login": email, "password": "something else entirely"})
        .context["form"]
        .non_field_errors()
        for email in ("ada@example.org", "nobody@example.org")
    ]
    assert said[0] == said[1]


def test_nobody_unknown_gets_a_message() -> None:
    Client().post("/accounts/login/code/", {"email": "nobody@example.org"})
    Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})

    assert mail.outbox == []


@pytest.mark.parametrize(
    "path", ["/accounts/login/code/", "/accounts/password/reset/", "/accounts/signup/"]
)
def test_a_mailbox_that_others_read_gets_nothing_and_the_page_says_the_same(path: str) -> None:
    shared = known("ada@example.org", password=PASSWORD)
    User.objects.filter(pk=shared.pk).update(mail_shared=True)

    answer = Client().post(path, {"email": "ada@example.org"}, follow=True)
    unknown = Client().post(path, {"email": "nobody@example.org"}, follow=True)

    assert [one.to for one in mail.outbox if "ada@example.org" in one.to] == []
    assert answer.redirect_chain == unknown.redirect_chain


def test_too_many_codes_are_refused_even_after_the_cache_server_was_emptied() -> None:
    known()
    for _ in range(3):
        Client().post("/accounts/login/code/", {"email": "ada@example.org"})
    Redis.from_url(settings.REDIS_URL).flushall()

    Client().post("/accounts/login/code/", {"email": "ada@example.org"})

    assert len(mail.outbox) == 3


class TestStaff:
    """Whoever works here needs a second factor."""

    def test_a_password_alone_does_not_let_in(self) -> None:
        nurse = known("quinn@example.org", "nurse", password=PASSWORD)
        browser = Client()

        browser.post("/accounts/login/", {"login": nurse.email, "password": PASSWORD})
        assert signed_in(browser) is None
        browser.post("/accounts/2fa/authenticate/", {"code": totp()})

        assert signed_in(browser) == str(nurse.pk)

    def test_a_code_by_mail_alone_does_not_let_in(self) -> None:
        nurse = known("quinn@example.org", "nurse")
        browser = Client()

        browser.post("/accounts/login/code/", {"email": nurse.email})
        browser.post("/accounts/login/code/confirm/", {"code": code_sent()})

        assert signed_in(browser) is None

    @pytest.mark.parametrize("path", ["/", "/courses/", "/admin/", "/account/", "/nowhere/"])
    def test_without_one_every_page_leads_to_setting_it_up(self, path: str) -> None:
        browser = without_second_factor()

        assert browser.get(path)["Location"] == "/account/second-factor/"
        assert browser.get("/account/second-factor/").status_code == 200

    def test_without_one_the_api_refuses(self) -> None:
        answer = without_second_factor().get("/api/v1/staff-tasks/")

        assert answer.status_code == 403
        assert answer.json()["code"] == "second_factor_needed"
        assert answer["Content-Type"] == "application/problem+json"

    def test_the_pages_to_set_it_up_open(self) -> None:
        browser = without_second_factor()
        for path in ("/accounts/2fa/", "/accounts/logout/"):
            assert browser.get(path).status_code == 200

    def test_the_last_one_stays(self) -> None:
        nurse = known("quinn@example.org", "nurse", password=PASSWORD)
        browser = Client()
        browser.post("/accounts/login/", {"login": nurse.email, "password": PASSWORD})
        browser.post("/accounts/2fa/authenticate/", {"code": totp()})

        browser.post("/accounts/2fa/totp/deactivate/")

        assert nurse.authenticator_set.count() == 1


def without_second_factor() -> Client:
    nurse = make_user("quinn@example.org", "nurse")
    nurse.authenticator_set.all().delete()
    browser = Client()
    browser.force_login(nurse)
    return browser


def test_a_session_opened_by_a_code_alone_is_asked_for_more(rf: Any) -> None:
    known(password=PASSWORD)
    browser = Client()
    browser.post("/accounts/login/code/", {"email": "ada@example.org"})
    browser.post("/accounts/login/code/confirm/", {"code": code_sent()})

    page = browser.get("/account/stronger/?next=/courses/")
    assert page.status_code == 200
    assert "/accounts/reauthenticate/?next=/courses/" in page.content.decode()
    browser.post(
        "/accounts/reauthenticate/?next=/courses/", {"password": PASSWORD, "next": "/courses/"}
    )

    assert browser.get("/account/stronger/?next=/courses/")["Location"] == "/courses/"


def test_a_foreign_address_is_no_way_back() -> None:
    known(password=PASSWORD)
    browser = Client()
    browser.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})

    assert browser.get("/account/stronger/?next=https://evil.example/")["Location"] == "/"


def test_whoever_has_no_other_way_in_cannot_switch_mail_off() -> None:
    user = known()
    browser = Client()
    browser.post("/accounts/login/code/", {"email": user.email})
    browser.post("/accounts/login/code/confirm/", {"code": code_sent()})

    answer = browser.post("/account/mail/", {"mail_shared": "on"})

    user.refresh_from_db()
    assert not user.mail_shared
    assert answer.context["form"].errors["mail_shared"]


def test_an_app_alone_is_no_other_way_in() -> None:
    """It comes after a password or a code by mail, never instead of them."""
    user = known("quinn@example.org", "nurse")  # has an app, and neither password nor passkey
    browser = Client()
    browser.force_login(user)
    browser.post("/accounts/2fa/reauthenticate/", {"code": totp()})

    answer = browser.post("/account/mail/", {"mail_shared": "on"})

    user.refresh_from_db()
    assert not user.mail_shared
    assert answer.context["form"].errors["mail_shared"]


def test_signing_out_everywhere_else_ends_the_other_sessions() -> None:
    known(password=PASSWORD)
    here, there = Client(), Client()
    for browser in (here, there):
        browser.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
        assert browser.get("/account/").status_code == 200

    here.post("/accounts/sessions/")

    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_a_new_address_counts_once_it_is_confirmed() -> None:
    user = known(password=PASSWORD)
    browser = Client()
    browser.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})

    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    browser.post("/accounts/email/", {"action_add": "", "email": "new@example.org"})
    user.refresh_from_db()
    assert user.email == "ada@example.org"
    browser.post("/accounts/confirm-email/", {"code": code_sent()})

    user.refresh_from_db()
    assert user.email == "new@example.org"


def test_the_admins_own_login_leads_to_ours() -> None:
    assert Client().get("/admin/login/?next=/admin/")["Location"].startswith("/accounts/login/")
