"""Ours and the published library understand each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from notifications.core.signature import key_of, secret_of, sign, verify

NEW, OLD = secret_of(b"n" * 32), secret_of(b"o" * 32)
BODY = b'{"type":"appointment.booked"}'


def headers(secrets: list[str], at: datetime) -> dict[str, str]:
    return {
        "webhook-id": "one",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(secrets, "one", at, BODY),
    }


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_a_receiver_with_either_secret_believes_us(secret: str) -> None:
    sent = headers([NEW, OLD], datetime.now(UTC))

    assert Webhook(secret).verify(BODY, sent) == {"type": "appointment.booked"}


def test_a_receiver_with_another_secret_does_not() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(BODY, headers([NEW], datetime.now(UTC)))


def check(now: datetime, *, body: bytes = BODY, **changed: str) -> bool:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    said = {
        "message_id": "one",
        "timestamp": str(int(at.timestamp())),
        "signature": Webhook(NEW).sign("one", at, BODY.decode()),
    }
    return verify(NEW, **(said | changed), body=body, now=now)


def test_we_believe_the_library_for_five_minutes() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert check(noon)
    assert check(noon + timedelta(minutes=5))
    assert not check(noon + timedelta(minutes=5, seconds=1))
    assert not check(noon - timedelta(minutes=5, seconds=1))


@pytest.mark.parametrize(
    "changed",
    [
        {"message_id": "two"},
        {"message_id": ""},
        {"timestamp": "1795435201"},
        {"timestamp": "-1"},
        {"timestamp": "²"},
        {"timestamp": "9" * 400},
        {"signature": ""},
        {"signature": "v1"},
        {"signature": "v1,"},
        {"signature": "v1,é v1a,x"},
    ],
)
def test_whatever_else_is_not_believed(changed: dict[str, str]) -> None:
    assert not check(datetime(2026, 11, 23, 12, tzinfo=UTC), **changed)
    assert not check(datetime(2026, 11, 23, 12, tzinfo=UTC), body=BODY + b" ")


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_*", OLD[6:]])
def test_what_is_no_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        key_of(secret)
