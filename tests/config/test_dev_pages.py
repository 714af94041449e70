"""The demo's mailbox and second factors: what they show, and that production has no such pages."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from config.demo import people
from config.demo.processes import free_port
from config.dev import mailbox
from config.dev.sink import sink
from config.env import read_dev_pages

INVITATION = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Test//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:one@example.org
SEQUENCE:2
SUMMARY:Appointment
LOCATION:1 Example Street
DTSTART:20261201T160000Z
DTEND:20261201T170000Z
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.ROOT_URLCONF = "tests.config.dev_urls"
    settings.DEV_MAIL_FOLDER = tmp_path
    return tmp_path


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    server = sink(folder, free_port())
    server.start()
    yield server.port
    server.stop()


def send(port: int, subject: str = "Your sign-in code", *, calendar: str = "") -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "c@example.org", "ada@example.org"
    message.set_content("Code: 123456")
    message.add_alternative("<p>Code: <b>123456</b></p>", subtype="html")
    if calendar:
        message.add_alternative(calendar, subtype="calendar", params={"method": "REQUEST"})
    with smtplib.SMTP("127.0.0.1", port) as line:
        line.send_message(message)


@pytest.mark.django_db
def test_a_sent_message_is_shown_and_delivered_to_nobody(port: int, folder: Path) -> None:
    send(port, "First")
    send(port, "Second")
    browser = Client()

    listed = browser.get("/dev/mail/").content.decode()
    assert listed.index("Second") < listed.index("First")

    [newest, _] = mailbox.newest(folder)
    page = browser.get(f"/dev/mail/{newest.key}/").content.decode()
    assert "ada@example.org" in page
    assert "Code: 123456" in page


@pytest.mark.django_db
def test_html_is_shown_in_a_frame_that_runs_and_loads_nothing(port: int, folder: Path) -> None:
    send(port)
    [kept] = mailbox.newest(folder)

    page = Client().get(f"/dev/mail/{kept.key}/")
    frame = Client().get(f"/dev/mail/{kept.key}/html/")

    assert f'src="/dev/mail/{kept.key}/html/" sandbox' in page.content.decode()
    assert frame.content.strip() == b"<p>Code: <b>123456</b></p>"
    policy = frame["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


@pytest.mark.django_db
def test_calendar_parts_are_told_in_words(port: int, folder: Path) -> None:
    send(port, calendar=INVITATION)
    [kept] = mailbox.newest(folder)

    page = Client().get(f"/dev/mail/{kept.key}/").content.decode()

    for words in ("Calendar part: REQUEST", "Tue 1 Dec 2026, 16:00", "1 Example Street"):
        assert words in page


MOVED = INVITATION.replace("SEQUENCE:2", "SEQUENCE:3").replace("20261201T", "20261202T")


@pytest.mark.django_db
def test_beside_the_parts_stands_what_the_readers_calendar_shows_then(
    port: int, folder: Path
) -> None:
    send(port, calendar=INVITATION)
    send(port, calendar=MOVED)
    send(port, calendar=INVITATION)
    oldest_last = [Client().get(f"/dev/mail/{kept.key}/") for kept in mailbox.newest(folder)]
    late, moved, first = (page.content.decode().partition("then shows")[2] for page in oldest_last)

    assert "Tue 1 Dec 2026, 16:00" in first
    assert "added" in first
    assert "Wed 2 Dec 2026, 16:00" in moved
    assert "changed" in moved
    assert "Wed 2 Dec 2026, 16:00" in late
    assert "older than what is known" in late


@pytest.mark.django_db
def test_each_person_has_a_calendar_of_their_own(port: int, folder: Path) -> None:
    send(port, calendar=INVITATION)
    page = Client().get("/dev/calendar/").content.decode()
    assert 'href="/dev/calendar/?to=ada%40example.org"' in page
    adas = Client().get("/dev/calendar/?to=ada@example.org").content.decode()
    assert "Tue 1 Dec 2026, 16:00" in adas
    assert "Nothing is in this calendar." in Client().get("/dev/calendar/?to=otto").content.decode()


@pytest.mark.django_db
def test_a_part_that_is_no_calendar_is_shown_as_it_came(port: int, folder: Path) -> None:
    send(port, calendar="Not a calendar")
    [kept] = mailbox.newest(folder)
    page = Client().get(f"/dev/mail/{kept.key}/").content.decode()
    assert "No calendar would understand this part." in page
    assert "Not a calendar" in page


@pytest.mark.django_db
def test_no_message_of_that_name_is_not_found(folder: Path) -> None:
    assert Client().get("/dev/mail/nothing/").status_code == 404
    assert Client().get("/dev/mail/").content.decode().count("No message yet.") == 1


@pytest.mark.django_db
def test_messages_are_thrown_away(port: int, folder: Path) -> None:
    send(port)
    assert Client().get("/dev/mail/clear/").status_code == 405
    Client().post("/dev/mail/clear/")
    assert list(mailbox.newest(folder)) == []


def test_only_the_newest_messages_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "KEPT", 2)
    for number in range(4):
        mailbox.keep(tmp_path, f"Subject: {number}\r\n\r\n".encode())
    assert [kept.subject for kept in mailbox.newest(tmp_path)] == ["3", "2"]


@pytest.mark.django_db
def test_the_codes_of_the_demos_staff_let_them_in(folder: Path) -> None:
    people.create_users()
    people.give_sign_ins()
    people.give_sign_ins()
    assert Authenticator.objects.count() == 5
    browser = Client()
    nurse = {"login": people.address("nurse"), "password": people.PASSWORD}
    asked = browser.post("/accounts/login/", nurse)
    assert asked["Location"] == "/accounts/2fa/authenticate/"

    rows = browser.get("/dev/totp/").content.decode().split("<tr>")
    [row] = [row for row in rows if people.address("nurse") in row]
    code = row.partition("<code>")[2].partition("</code>")[0]
    browser.post("/accounts/2fa/authenticate/", {"code": code})

    assert "_auth_user_id" in browser.session


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/dev/mail/", "/dev/mail/clear/", "/dev/calendar/", "/dev/totp/"])
def test_the_product_has_no_such_pages(path: str) -> None:
    assert Client().get(path).status_code == 404
    assert Client().post(path).status_code == 404


def test_they_are_never_on_beside_a_real_database() -> None:
    assert read_dev_pages("DEV_PAGES", True, local=True) is True
    assert read_dev_pages("DEV_PAGES", False, local=False) is False
    with pytest.raises(ImproperlyConfigured, match="DEV_PAGES"):
        read_dev_pages("DEV_PAGES", True, local=False)
