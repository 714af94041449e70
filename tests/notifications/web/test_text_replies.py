"""What the texts' provider hands over: signed, fresh, once."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client
from standardwebhooks import Webhook

from accounts.models import ContactConsent
from notifications.core.signature import secret_of
from notifications.models import ProviderEvent, Suppression
from notifications.operations.text_consent import opt_in
from scheduling.models import StaffTask
from scheduling.operations.actor import Actor
from tests.factories import NOW, make_patient, make_site, make_user

pytestmark = pytest.mark.django_db
SECRET = secret_of(b"k" * 32)
STOP = {"from": "+1 303 555 0100", "text": "Stop"}


@pytest.fixture(autouse=True)
def secret(settings: LazySettings) -> None:
    settings.SMS_INBOUND_SECRET = SECRET


def send(said: Any, event: str = "one", *, age: int = 0, secret: str = SECRET) -> HttpResponse:
    body = said if isinstance(said, str) else json.dumps(said)
    at = int(time.time()) - age
    signature = Webhook(secret).sign(event, datetime.fromtimestamp(at, UTC), body)
    return Client(raise_request_exception=False).post(
        "/hooks/texts/",
        body,
        content_type="application/json",
        headers={
            "webhook-id": event,
            "webhook-timestamp": str(at),
            "webhook-signature": signature,
        },
    )


def test_stop_is_obeyed_and_answered_once() -> None:
    make_site()
    user = make_user("ada@example.org")
    ada = make_patient(user=user)
    opt_in(actor=Actor.of(user), patient=ada, number="+13035550100", now=NOW)

    assert send(STOP).json()["reply"].startswith("You get no more texts from us.")
    assert send(STOP).json() == {"reply": ""}

    assert ContactConsent.objects.get().withdrawn_at is not None
    assert StaffTask.objects.get().kind == "texts_stopped"
    assert ProviderEvent.objects.count() == 1


def test_a_wrong_or_old_signature_does_nothing() -> None:
    assert send(STOP, secret=secret_of(b"x" * 32)).status_code == 401
    assert send(STOP, age=400).status_code == 401
    assert Client().post("/hooks/texts/", STOP, "application/json").status_code == 401
    assert not Suppression.objects.exists()


def test_it_is_closed_where_it_is_not_set_up(settings: LazySettings) -> None:
    settings.SMS_INBOUND_SECRET = ""
    assert send(STOP).status_code == 404


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "null",
        "[]",
        '"stop"',
        {"from": "Ada", "text": "stop"},
        {"from": None, "text": "stop"},
        {"from": "+13035550100"},
    ],
)
def test_what_cannot_be_read_is_said(said: Any) -> None:
    assert send(said).status_code == 400
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\u2028\u202eStop it", "x" * 100_000, 7])
def test_odd_texts_are_kept_readable(text: Any) -> None:
    make_site()
    user = make_user("ada@example.org")
    ada = make_patient(user=user)
    opt_in(actor=Actor.of(user), patient=ada, number="+13035550100", now=NOW)
    assert send({"from": "3035550100", "text": text}).status_code == 200
    [note] = StaffTask.objects.get().facts.get("notes", [""])
    assert len(note) <= 500
    assert note.isprintable()
