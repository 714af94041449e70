"""Managers look at every message and send it to themselves; nobody else hears of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core import mail
from django.core.cache import caches
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from config.demo.processes import free_port
from notifications.compose.samples import SAMPLES
from notifications.models import ActionLink, Message
from notifications.web.messages import SampleThrottle
from tests.factories import make_clinic, make_user
from tests.scheduling.web.test_page_access import METHODS, STAFF, browser_of

pytestmark = pytest.mark.django_db
HOME = "/desk/setup/messages/"
REMINDER = f"{HOME}reminder/"
PAGES = {HOME: {"get"}, REMINDER: {"get", "post"}, f"{REMINDER}html/": {"get"}}


@pytest.fixture
def manager() -> Client:
    caches["default"].clear()
    make_clinic()
    browser = Client()
    browser.force_login(make_user("mia@example.org", "manager"))
    return browser


@pytest.mark.parametrize("page", PAGES)
def test_managers_alone_may_look(page: str) -> None:
    make_clinic()
    for person in ("anonymous", "visitor", "left", "otto", *STAFF):
        browser = browser_of(person)
        for method in PAGES[page]:
            status = getattr(browser, method)(page).status_code
            if person == "manager":
                assert status in {200, 302}
            else:
                signs_in = person in {"anonymous", "visitor", "left"}
                assert status == (302 if signs_in else 403), (person, method)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_refuses_the_methods_it_does_not_know(page: str, manager: Client) -> None:
    for method in METHODS:
        if ("get" if method == "head" else method) not in PAGES[page]:
            assert getattr(manager, method)(page).status_code == 405


def test_the_setup_leads_to_every_message_in_every_language(manager: Client) -> None:
    assert HOME in manager.get("/desk/setup/").content.decode()
    page = manager.get(HOME).content.decode()
    for name in SAMPLES:
        for language in ("en", "es"):
            address = f"{HOME}{name}/?language={language}"
            assert f"{address}&amp;site=" in page
            assert manager.get(address).status_code == 200
    assert not Message.objects.exists()
    assert not ActionLink.objects.exists()


def test_looking_costs_as_many_queries_for_22_visits_as_for_one(
    manager: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("visit", "course"):
        with django_assert_num_queries(5):
            manager.get(f"{HOME}{name}/")


@pytest.mark.parametrize("query", ["nothing/", "reminder/?language=xx", "reminder/?site=nowhere"])
def test_what_is_not_there_is_not_found(manager: Client, query: str) -> None:
    assert manager.get(HOME + query).status_code == 404


def test_the_frame_may_load_and_run_nothing(manager: Client) -> None:
    answer = manager.get(f"{REMINDER}html/?language=es")

    assert '<html lang="es"' in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "script" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert " sandbox>" in manager.get(REMINDER).content.decode()


def test_a_test_goes_to_oneself_and_the_ledger_knows_nothing(manager: Client) -> None:
    page = manager.post(f"{HOME}visit/?language=es", follow=True)

    [sent] = mail.outbox
    assert sent.to == ["mia@example.org"]
    assert sent.subject == "[Test] Su cita está reservada"
    assert sent.attachments == []
    assert "mia@example.org" in page.content.decode()
    assert "took the test" in page.content.decode()
    assert not Message.objects.exists()
    assert not ActionLink.objects.exists()

    manager.post(f"{HOME}visit/", {"calendar": "1"})
    assert [name for name, _content, _kind in mail.outbox[1].attachments] == ["invite.ics"]


def test_nobody_floods_a_mailbox(manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SampleThrottle, "rate", "2/hour")
    statuses = [manager.post(REMINDER).status_code for _ in range(3)]
    assert statuses == [302, 302, 429]
    answer = manager.post(REMINDER)
    assert 1 <= int(answer["Retry-After"]) <= 3600
    assert "Please wait 60 minutes" in answer.content.decode()
    assert len(mail.outbox) == 2
    assert manager.get(REMINDER).status_code == 200


class Answering:
    """An SMTP server that takes mail for one person alone."""

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not address.startswith("mia@"):
            return "550 5.1.1 Nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return "250 2.0.0 Queued as 7F3"


@pytest.fixture
def server(settings: Settings) -> Iterator[None]:
    settings.EMAIL_BACKEND = "notifications.channels.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    running = Controller(Answering(), hostname="127.0.0.1", port=settings.EMAIL_PORT)
    running.start()
    yield
    running.stop()


@pytest.mark.usefixtures("server")
def test_one_reads_what_the_mail_server_said(manager: Client, settings: Settings) -> None:
    assert (
        "It said: 250 2.0.0 Queued as 7F3" in manager.post(REMINDER, follow=True).content.decode()
    )

    other = Client()
    other.force_login(make_user("noa@example.org", "manager"))
    page = other.post(REMINDER, follow=True).content.decode()
    assert "did not take the test" in page
    assert "It said: 550 5.1.1 Nobody of that name" in page

    settings.EMAIL_PORT = free_port()
    page = manager.post(REMINDER, follow=True).content.decode()
    assert "did not take the test" in page
    assert "Connection refused" in page
