"""Back in with a code by telephone: on the desk's page, and on the patient's."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import RecoveryCode, User
from tests.factories import make_patient, make_site, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "seven calm rivers run"
NEW_PASSWORD = "nine quiet lakes rest"
CALLER = {"email": "ada@example.org", "family_name": "Byron", "birth_date": "1980-01-01"}


@pytest.fixture(autouse=True)
def ada() -> User:
    make_site()
    user = make_user("ada@example.org", password=PASSWORD)
    make_patient("Ada", "Byron", user=user, phone="+1 303 555 0177")
    return user


def of_role(role: str) -> Client:
    browser = Client()
    browser.force_login(make_user(f"{role}@example.org", role))
    return browser


def code_on(page: str) -> str:
    found = re.search(r'class="code">([0-9A-Z]{5}-[0-9A-Z]{5})<', page)
    assert found, page
    return found.group(1)


def back_in() -> Client:
    told = of_role("front_desk").post("/desk/people/recover/", CALLER).content.decode()
    browser = Client()
    done = browser.post("/recover/", {"email": "ada@example.org", "code": code_on(told)})
    assert done["Location"] == "/recover/new/"
    return browser


def test_the_desk_is_told_to_call_the_number_we_know() -> None:
    answer = of_role("front_desk").post("/desk/people/recover/", CALLER)

    assert "+1 303 555 0177" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_wrong_answers_show_no_code() -> None:
    page = of_role("front_desk").post("/desk/people/recover/", CALLER | {"family_name": "Ada"})

    assert "That does not fit any account." in page.content.decode()
    assert not RecoveryCode.objects.exists()


@pytest.mark.parametrize("path", ["/", "/courses/", "/account/", "/api/v1/appointments/", "/x/"])
def test_nothing_opens_before_a_new_way_in_is_set(path: str) -> None:
    assert back_in().get(path)["Location"] == "/recover/new/"


def test_a_new_password_opens_everything_and_the_old_one_nothing(ada: User) -> None:
    browser = back_in()

    browser.post("/accounts/password/set/", {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    ada.refresh_from_db()
    assert ada.check_password(NEW_PASSWORD)
    assert browser.get("/courses/").status_code == 200
    assert browser.get("/recover/new/")["Location"] == "/account/"
    again = Client()
    again.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    assert again.get("/courses/").status_code == 302
    again.post("/accounts/login/", {"login": "ada@example.org", "password": NEW_PASSWORD})
    assert again.get("/courses/").status_code == 200


def test_a_passkey_can_be_set_instead() -> None:
    browser = back_in()

    assert browser.get("/recover/new/").status_code == 200
    assert browser.get("/accounts/2fa/webauthn/add/").status_code == 200


def test_every_other_session_ends() -> None:
    elsewhere = Client()
    elsewhere.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    assert elsewhere.get("/account/").status_code == 200

    back_in()

    assert elsewhere.get("/account/").status_code == 302


def test_the_code_alone_opens_no_answers() -> None:
    """It was read out on a telephone: pages that ask for proof still do, until it is given."""
    browser = back_in()
    browser.post("/accounts/password/set/", {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert browser.get("/account/stronger/?next=/courses/").status_code == 200


def test_a_wrong_code_and_an_unknown_address_are_answered_alike() -> None:
    of_role("front_desk").post("/desk/people/recover/", CALLER)
    said = [
        Client()
        .post("/recover/", {"email": email, "code": "00000-00000"})
        .context["form"]
        .non_field_errors()
        for email in ("ada@example.org", "nobody@example.org")
    ]

    assert list(said[0]) == list(said[1]) != []


def test_a_colleague_sets_a_password_and_then_a_second_factor() -> None:
    quinn = make_user("quinn@example.org", "nurse", password=PASSWORD)
    told = of_role("manager").post("/desk/people/recover/staff/", {"user": quinn.pk, "known": "on"})
    browser = Client()

    browser.post(
        "/recover/", {"email": "quinn@example.org", "code": code_on(told.content.decode())}
    )
    assert browser.get("/desk/alerts/")["Location"] == "/recover/new/"
    browser.post("/accounts/password/set/", {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert browser.get("/desk/alerts/")["Location"] == "/account/second-factor/"


def test_a_manager_cannot_choose_themselves() -> None:
    browser = of_role("manager")
    me = User.objects.get(email="manager@example.org")

    browser.post("/desk/people/recover/staff/", {"user": me.pk, "known": "on"})

    assert not RecoveryCode.objects.exists()
