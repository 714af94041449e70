"""What a provider's answer, or its silence, says about a mail. The provider is a server of ours
that is asked through anymail's own backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from anymail.exceptions import AnymailUnsupportedFeature
from django.conf import LazySettings
from django.core.mail import EmailMultiAlternatives, get_connection

from notifications.channels.email import Mailer
from notifications.channels.outcome import Accepted, Never, NotNow, Outcome, Unknown
from notifications.checks import CARRIES_INVITATIONS, mail_provider
from tests.notifications.receiver import DROP, HANG, receiver

pytestmark = pytest.mark.filterwarnings("ignore:django-anymail has dropped official support")
KEY = "11111111-2222-4333-8444-555555555555"
CALENDAR = "text/calendar; method=REQUEST"


@pytest.fixture
def sendgrid(settings: LazySettings) -> Callable[[str], None]:
    """Makes it the way to send, at that address."""

    def use(url: str) -> None:
        settings.EMAIL_BACKEND = "anymail.backends.sendgrid.EmailBackend"
        settings.ANYMAIL = {
            "SENDGRID_API_KEY": "secret",
            "SENDGRID_API_URL": url,
            "REQUESTS_TIMEOUT": (1, 0.3),
        }

    return use


def mail(to: str = "ada@example.org") -> EmailMultiAlternatives:
    made = EmailMultiAlternatives("Reminder", "Monday", "clinic@example.org", [to])
    made.metadata = {"message": KEY}  # type: ignore[attr-defined]
    made.attach_alternative("BEGIN:VCALENDAR", CALENDAR)
    return made


def send(message: EmailMultiAlternatives) -> Outcome:
    with Mailer() as line:
        line.open()
        return line.send(message)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (400, Never()),
        (401, NotNow()),
        (403, NotNow()),
        (413, Never()),
        (422, Never()),
        (429, NotNow()),
        (500, Unknown()),
        (502, Unknown()),
        (503, NotNow()),
        (504, Unknown()),
        (DROP, Unknown()),
        (HANG, Unknown()),
    ],
)
def test_each_answer(sendgrid: Any, answer: Any, outcome: Outcome) -> None:
    with receiver(answer) as other:
        sendgrid(other.url(path="/v3/"))
        assert send(mail()) == outcome
        assert len(other.sent) == 1


def test_a_yes_carries_the_providers_id_and_our_key_goes_along(sendgrid: Any) -> None:
    with receiver(202) as other:
        sendgrid(other.url(path="/v3/"))
        outcome = send(mail())

    assert isinstance(outcome, Accepted)
    assert outcome.provider_id
    said = other.sent[0].json()
    assert said["custom_args"]["message"] == KEY
    assert [one["type"] for one in said["content"]] == ["text/plain", CALENDAR]


def test_nobody_listens(sendgrid: Any) -> None:
    with receiver() as other:
        pass
    sendgrid(other.url(path="/v3/"))
    assert send(mail()) == NotNow()


@pytest.mark.parametrize("url", ["http://no-such-name.invalid/v3/", "https://127.0.0.1:{port}/v3/"])
def test_no_name_and_no_tls(sendgrid: Any, url: str) -> None:
    with receiver(202) as other:
        sendgrid(url.format(port=other.port))
        assert send(mail()) == NotNow()
        assert other.sent == []


def test_what_the_provider_does_not_know_is_found_before_it_is_asked(sendgrid: Any) -> None:
    with receiver(202) as other:
        sendgrid(other.url(path="/v3/"))
        odd = mail()
        odd.attach_alternative("x", "video/mp4")
        odd.merge_data = {"ada@example.org": {"a": object()}}  # type: ignore[attr-defined]
        assert send(odd) == Never()
        assert other.sent == []


@pytest.mark.parametrize("provider", ["mailgun", "postmark", "brevo", "mailjet", "resend"])
def test_why_only_some_providers_are_taken(settings: LazySettings, provider: str) -> None:
    settings.ANYMAIL = {
        f"{provider.upper()}_{name}": "x"
        for name in ("API_KEY", "SERVER_TOKEN", "SECRET_KEY", "SENDER_DOMAIN")
    }
    connection = get_connection(f"anymail.backends.{provider}.EmailBackend")
    with pytest.raises(AnymailUnsupportedFeature, match="text/calendar"):
        connection.send_messages([mail()])

    settings.EMAIL_PROVIDER = provider
    [error] = mail_provider()
    assert provider in error.msg
    for known in CARRIES_INVITATIONS:
        assert known in (error.hint or "")


def test_what_is_taken_is_taken(settings: LazySettings) -> None:
    settings.EMAIL_PROVIDER = ""
    assert mail_provider() == []
    settings.EMAIL_PROVIDER = "sendgrid"
    assert mail_provider() == []
    settings.EMAIL_PROVIDER = "amazon_ses"  # boto3 is not among the project's own
    assert [one.id for one in mail_provider()] == ["notifications.E002"]
