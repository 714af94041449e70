"""Where the provider reports: closed to everybody else, and calm whatever it is sent."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from notifications.core.kinds import Status
from notifications.models import Message, ProviderEvent, Suppression
from scheduling.models import StaffTask
from tests.factories import at
from tests.notifications.post import Post, make_post

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support"),
]
PATH, SECRET = "p" * 32, "sendgrid:" + "s" * 32
AUTH = {"Authorization": "Basic " + base64.b64encode(SECRET.encode()).decode()}


@pytest.fixture(autouse=True)
def provider(settings: LazySettings) -> None:
    settings.EMAIL_PROVIDER, settings.EMAIL_WEBHOOK_PATH = "sendgrid", PATH
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "SENDGRID_API_KEY": "k"}


@pytest.fixture
def post() -> Post:
    post = make_post()
    post.book("prep.1", at("2026-12-07 10:00"))
    post.run()
    return post


def event(message: Message, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "event": kind,
        "sg_event_id": f"{message.pk} {kind}",
        "timestamp": 1795435200,
        "email": "ada@example.org",
        "message": str(message.pk),
        "anymail_id": str(uuid4()),
    } | more


def send(body: Any, path: str = PATH, headers: dict[str, str] | None = None) -> HttpResponse:
    raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return Client(raise_request_exception=False).post(
        f"/hooks/mail/{path}/",
        raw,
        content_type="application/json",
        headers=AUTH if headers is None else headers,
    )


def test_a_bounce_is_heard_once(post: Post) -> None:
    message = Message.objects.get()
    twice = [event(message, "bounce", type="bounce")] * 2

    assert send(twice).status_code == 200
    assert send(twice).status_code == 200

    message.refresh_from_db()
    assert (message.status, ProviderEvent.objects.count()) == ("bounced", 1)
    assert StaffTask.objects.filter(kind="message_bounced").count() == 1


def test_sendgrids_own_reasons_are_understood(post: Post) -> None:
    message = Message.objects.get()
    send([event(message, "bounce", type="blocked")])
    message.refresh_from_db()
    assert message.status == "bounced"
    assert not Suppression.objects.exists()


def test_a_delivery_settles_a_message_whose_sender_died(post: Post) -> None:
    message = Message.objects.get()
    fields = {"status": Status.AMBIGUOUS, "reason": "unknown_outcome", "address": ""}
    lost = Message.objects.create(
        kind="clearance",
        patient=post.patient,
        site=post.clinic.site,
        due_at=post.now,
        claimed_at=post.now,
        **fields,
    )
    send([event(lost, "delivered"), event(message, "open"), event(lost, "processed")])
    lost.refresh_from_db()
    assert (lost.status, lost.address) == ("sent", "ada@example.org")
    assert ProviderEvent.objects.count() == 2


def test_an_event_about_nothing_of_ours_is_kept(post: Post) -> None:
    said = event(Message.objects.get(), "bounce", type="bounce") | {"message": str(uuid4())}
    assert send([said]).status_code == 200
    assert ProviderEvent.objects.get().message is None
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("path", ["x" * 32, PATH[:-1], "sendgrid"])
def test_nobody_finds_it(path: str) -> None:
    assert send([], path).status_code == 404


def test_it_is_closed_where_it_is_not_set_up(settings: LazySettings) -> None:
    settings.EMAIL_WEBHOOK_PATH = ""
    assert send([]).status_code == 404
    settings.EMAIL_WEBHOOK_PATH, settings.EMAIL_PROVIDER = PATH, "scaleway"
    assert send([]).status_code == 404


@pytest.mark.parametrize("auth", [None, "Basic !", "Basic YTpi", "Bearer x"])
def test_without_the_password_nothing_happens(post: Post, auth: str | None) -> None:
    headers = {"Authorization": auth} if auth else {}
    assert send([event(Message.objects.get(), "bounce")], headers=headers).status_code == 400
    assert not ProviderEvent.objects.exists()


def test_a_wrong_signature_is_refused(post: Post, settings: LazySettings) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    settings.ANYMAIL |= {
        "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY": base64.b64encode(public).decode()
    }
    body = json.dumps([event(Message.objects.get(), "bounce")])
    signature = key.sign(b"1795435200" + body.encode(), ec.ECDSA(hashes.SHA256()))
    headers = AUTH | {
        "X-Twilio-Email-Event-Webhook-Timestamp": "1795435200",
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
    }
    assert send(body + " ", headers=headers).status_code == 400
    assert send(body).status_code == 400
    assert not ProviderEvent.objects.exists()
    assert send(body, headers=headers).status_code == 200
    assert ProviderEvent.objects.count() == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"7", b"null", b"[1]", b"[{}]", b'[{"event": 1}]', b"[[]]"]
)
def test_nothing_unreadable_is_a_fault_of_ours(body: bytes) -> None:
    assert send(body).status_code in (200, 400)


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_reports_are_taken(method: str) -> None:
    assert getattr(Client(), method)(f"/hooks/mail/{PATH}/", headers=AUTH).status_code == 405
