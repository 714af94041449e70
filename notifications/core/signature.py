"""Signatures of Standard Webhooks 1.0, which we make for others and ask of them.

Source: https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)
"""How far the sender's clock may be off, and for how long what was overheard can be sent again."""
KEY_BYTES = (24, 64)
"""Least and most; the specification's own bounds."""


def secret_of(key: bytes) -> str:
    """The key as people copy it."""
    return PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """The key in a secret. Raises ValueError where it is none, or too short or long."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if not secret.startswith(PREFIX) or not KEY_BYTES[0] <= len(key) <= KEY_BYTES[1]:
        raise ValueError("not a secret of Standard Webhooks")
    return key


def sign(secrets: Iterable[str], message_id: str, at: datetime, body: bytes) -> str:
    """The header's value: one signature for each secret that holds now, separated by spaces."""
    content = b".".join([message_id.encode(), str(int(at.timestamp())).encode(), body])
    return " ".join(f"v1,{_signature(key_of(one), content)}" for one in secrets)


def verify(
    secret: str, *, message_id: str, timestamp: str, signature: str, body: bytes, now: datetime
) -> bool:
    """Whether somebody who knows the secret has sent this a short while ago. The three texts are
    headers as they came."""
    if not message_id or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        return False
    wanted = _signature(key_of(secret), b".".join([message_id.encode(), timestamp.encode(), body]))
    given = [one.removeprefix("v1,") for one in signature.split(" ") if one.startswith("v1,")]
    return any(hmac.compare_digest(one.encode(), wanted.encode()) for one in given)


def _signature(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
