"""Texts through a provider of ours on loopback."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings

from notifications.channels.outcome import (
    Accepted,
    ChannelDownError,
    Never,
    NotNow,
    Outcome,
    Unknown,
)
from notifications.channels.sms import Texter
from tests.notifications.receiver import DROP, receiver


def send(settings: LazySettings, url: str) -> Outcome:
    settings.SMS_PROVIDER, settings.SMS_HTTP_URL = "http", url
    settings.SMS_HTTP_TOKEN, settings.SMS_SENDER = "secret", "Clinic"
    with Texter() as line:
        line.open()
        return line.send("+13035550100", "See you Monday", key="one")


def test_what_is_sent(settings: LazySettings) -> None:
    with receiver(201) as other:
        other.body = b'{"id": "sm1"}'
        assert send(settings, other.url()) == Accepted("sm1")

    [sent] = other.sent
    assert sent.json() == {"to": "+13035550100", "from": "Clinic", "text": "See you Monday"}
    assert sent.headers["Authorization"] == "Bearer secret"
    assert sent.headers["Idempotency-Key"] == "one"
    assert sent.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("body", [b"", b"OK", b"[]", b'{"id": null}', b"\xff"])
def test_a_yes_in_any_form_is_a_yes(settings: LazySettings, body: bytes) -> None:
    with receiver(200) as other:
        other.body = body
        assert isinstance(send(settings, other.url()), Accepted)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (400, Never()),
        (401, NotNow()),
        (422, Never()),
        (429, NotNow()),
        (302, NotNow()),
        (500, Unknown()),
        (503, NotNow()),
        (DROP, Unknown()),
    ],
)
def test_each_answer(settings: LazySettings, answer: Any, outcome: Outcome) -> None:
    with receiver(answer) as other:
        assert send(settings, other.url()) == outcome


def test_nobody_listens(settings: LazySettings) -> None:
    with receiver() as other:
        pass
    assert send(settings, other.url()) == NotNow()


def test_the_console_shows_it(settings: LazySettings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.SMS_PROVIDER = "console"
    with Texter() as line:
        line.open()
        assert line.send("+13035550100", "See you Monday", key="one") == Accepted("one")
    assert capsys.readouterr().out == "Text to +13035550100: See you Monday\n"


def test_it_is_off_by_default(settings: LazySettings) -> None:
    assert settings.SMS_PROVIDER == ""
    with Texter() as line, pytest.raises(ChannelDownError):
        line.open()
