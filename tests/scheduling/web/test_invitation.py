"""From the link in a mail to the roles, or the record, it stands for."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import caches
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Invitation, Patient, User
from tests.factories import make_patient, make_site, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    caches["default"].clear()


def of_role(role: str) -> Client:
    browser = Client()
    browser.force_login(make_user(f"{role}@example.org", role))
    return browser


def link_sent() -> str:
    found = re.search(r"http://testserver(/invitation/\S+/)", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found.group(1)


def invite_ada() -> Patient:
    """Ada booked by phone; the desk sends her the link."""
    make_site()
    ada = make_patient("Ada", "Byron", email="ada@example.org")
    of_role("front_desk").post(f"/desk/people/invite/{ada.pk}/", {"email": "ada@example.org"})
    return ada


def sign_up(browser: Client, email: str) -> None:
    """Through the usual page, which asks for no code: the link came to that address."""
    browser.post("/invitation/")
    done = browser.post(
        "/accounts/signup/?next=/invitation/", {"email": email, "next": "/invitation/"}
    )
    assert done["Location"] == "/invitation/"


def test_a_colleague_comes_in_with_the_role_and_sets_up_a_second_factor_first() -> None:
    of_role("manager").post(
        "/desk/people/invite/staff/", {"email": "Quinn@Example.org", "roles": ["nurse"]}
    )
    browser = Client()

    assert browser.get(link_sent())["Location"] == "/invitation/"
    sign_up(browser, "quinn@example.org")
    quinn = User.objects.get(email="quinn@example.org")
    assert quinn.roles == []
    done = browser.post("/invitation/")

    quinn.refresh_from_db()
    assert quinn.roles == ["nurse"]
    assert EmailAddress.objects.get(user=quinn).verified
    assert browser.get(done["Location"])["Location"] == "/account/second-factor/"
    assert len(mail.outbox) == 1  # no code was needed


def test_a_patient_who_booked_by_phone_opens_the_record() -> None:
    ada = invite_ada()
    browser = Client()

    browser.get(link_sent())
    sign_up(browser, "ada@example.org")
    wrong = browser.post("/invitation/", {"birth_date": "1979-12-31"})
    assert "Please check the day, the month and the year." in wrong.content.decode()
    done = browser.post("/invitation/", {"birth_date": "1980-01-01"})

    ada.refresh_from_db()
    assert done["Location"] == "/courses/"
    assert ada.user == User.objects.get(email="ada@example.org")


def test_the_mail_says_nothing_and_is_the_same_for_everybody() -> None:
    invite_ada()
    of_role("manager").post(
        "/desk/people/invite/staff/", {"email": "q@example.org", "roles": ["nurse"]}
    )

    [to_ada, to_quinn] = [re.sub(r"http\S+", "", message.body) for message in mail.outbox]
    assert to_ada == to_quinn
    assert {message.subject for message in mail.outbox} == {"Your link"}
    for word in ("Ada", "Byron", "nurse", "patient", "record", "treatment"):
        assert word not in to_ada


def test_opening_the_link_changes_nothing() -> None:
    """Scanners open every link of a mail."""
    ada = invite_ada()
    before = Invitation.objects.values().get()
    browser = Client()
    browser.force_login(make_user("ada@example.org"))

    for _ in range(6):
        browser.get(link_sent())
        browser.get("/invitation/")

    ada.refresh_from_db()
    assert ada.user is None
    assert Invitation.objects.values().get() == before


def test_a_day_that_has_not_come_costs_no_try() -> None:
    invite_ada()
    browser = Client()
    browser.force_login(make_user("ada@example.org"))
    browser.get(link_sent())
    tomorrow = date.today() + timedelta(days=2)  # noqa: DTZ011 - any day ahead will do

    answer = browser.post("/invitation/", {"birth_date": tomorrow.isoformat()})

    assert "This day has not come yet." in answer.content.decode()
    assert Invitation.objects.get().tries_left == 5


def test_links_that_never_were_that_are_over_and_that_are_closed_look_alike() -> None:
    invite_ada()
    link = link_sent()
    Invitation.objects.update(tries_left=0)
    closed = page_of(link)
    Invitation.objects.update(tries_left=5, revoked_at=timezone.now())
    revoked = page_of(link)

    assert closed == revoked == page_of("/invitation/never-was/") == page_of("/invitation/")


def page_of(link: str) -> tuple[int, str]:
    browser = Client()
    browser.get(link)
    answer = browser.get("/invitation/")
    return answer.status_code, re.sub(r'value="[A-Za-z0-9]{64}"', "", answer.content.decode())


def test_another_account_is_told_how_to_go_on() -> None:
    of_role("manager").post(
        "/desk/people/invite/staff/", {"email": "quinn@example.org", "roles": ["nurse"]}
    )
    browser = Client()
    browser.force_login(make_user("eve@example.org"))
    browser.get(link_sent())

    page = browser.post("/invitation/").content.decode()

    assert "This link was sent to another address." in page
    assert "quinn@" not in page
    assert User.objects.get(email="eve@example.org").roles == []


def test_no_link_goes_to_a_mailbox_that_others_read() -> None:
    User.objects.filter(pk=make_user("ada@example.org").pk).update(mail_shared=True)

    invite_ada()

    assert mail.outbox == []
    assert not Invitation.objects.exists()


@override_settings(
    EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="", EMAIL_PORT=9
)
def test_a_link_that_could_not_be_sent_is_taken_back() -> None:
    make_site()
    ada = make_patient(email="ada@example.org")

    page = of_role("front_desk").post(
        f"/desk/people/invite/{ada.pk}/", {"email": "ada@example.org"}, follow=True
    )

    assert "The mail could not be sent." in page.content.decode()
    assert Invitation.objects.get().revoked_at is not None


def test_the_desk_finds_a_patient_and_takes_a_link_back() -> None:
    ada = invite_ada()
    browser = Client()
    browser.force_login(User.objects.get(email="front_desk@example.org"))

    found = browser.post("/desk/people/invite/", {"q": "ad by"}).content.decode()
    assert f"/desk/people/invite/{ada.pk}/" in found
    assert "ada@example.org" in found  # the link that works
    browser.post(f"/desk/people/invitations/{Invitation.objects.get().pk}/revoke/")

    assert Invitation.objects.get().revoked_at is not None


def test_the_desk_sees_no_link_of_a_colleague() -> None:
    of_role("manager").post(
        "/desk/people/invite/staff/", {"email": "quinn@example.org", "roles": ["nurse"]}
    )
    browser, sent = of_role("front_desk"), Invitation.objects.get()

    assert "quinn@" not in browser.get("/desk/people/invite/").content.decode()
    assert browser.post(f"/desk/people/invitations/{sent.pk}/revoke/").status_code == 404
    assert Invitation.objects.get().revoked_at is None


@pytest.mark.parametrize("patients", [1, 3])
def test_the_page_takes_as_many_queries_for_one_as_for_three(
    patients: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = of_role("front_desk")
    for number in range(patients):
        ada = make_patient(f"Ada {number}")
        browser.post(f"/desk/people/invite/{ada.pk}/", {"email": f"ada{number}@example.org"})
    browser.get("/desk/people/invite/")  # shows the messages

    with django_assert_num_queries(6):
        page = browser.post("/desk/people/invite/", {"q": "ada"}).content.decode()

    assert page.count("Take back") == patients
