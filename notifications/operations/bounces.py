"""Mail that came back: delivery status notifications (RFC 3464) in the mailbox for bounces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import Message
from email.parser import BytesParser
from hashlib import sha256
from uuid import UUID

from django.conf import settings

from notifications.core.reports import Report, of_mail_server
from notifications.operations.reports import News, take

SOURCE = "dsn"
LARGEST = 1_000_000
"""Bytes that are looked at; the parts that matter come first."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient's part. `message` is the key of the message of ours that it is about; None
    where it is about another mail. `status` is RFC 3463's code, such as 5.1.1."""

    event_id: str
    report: Report
    message: UUID | None
    recipient: str
    status: str


def read_dsn(raw: bytes) -> list[Bounce]:
    """What the mail reports, one for each recipient; nothing where it is no such notification.
    Never raises, whatever the bytes are."""
    mail = BytesParser(policy=policy.compat32).parsebytes(raw[:LARGEST])
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return []
    parts = list(mail.walk())
    about = next((key for part in parts if (key := _message_of(part, mail))), None)
    name = _text(mail, "Message-ID") or sha256(raw).hexdigest()
    return [
        Bounce(f"{name}\n{recipient}", of_mail_server(action, status), about, recipient, status)
        for part in parts
        if part.get_content_type() == "message/delivery-status"
        for action, status, recipient in _recipients(part)
    ]


def take_dsn(raw: bytes, now: datetime) -> bool:
    """Let the mail act; whether it was such a notification. May be called twice for the same."""
    found = read_dsn(raw)
    for one in found:
        news = News(
            source=SOURCE,
            event_id=one.event_id,
            report=one.report,
            at=now,
            message=one.message,
            recipient=one.recipient,
            detail=one.status,
        )
        take(news, now)
    return bool(found)


def _recipients(part: Message) -> Iterator[tuple[str, str, str]]:
    """Action, status and address of each; the first block is about the mail as a whole."""
    blocks = part.get_payload()
    for block in blocks[1:] if isinstance(blocks, list) else ():
        if not isinstance(block, Message):
            continue
        action = _text(block, "Action").lower()
        status = _text(block, "Status").partition(" ")[0]
        _kind, _separator, recipient = _text(block, "Final-Recipient").partition(";")
        if action:
            yield action, status, recipient.strip()


def _message_of(part: Message, whole: Message) -> UUID | None:
    """The key in the Message-ID of ours that the returned mail, or its headers, carry."""
    if part.get_content_type() == "text/rfc822-headers":
        body = part.get_payload(decode=True)
        text = body.decode("ascii", "replace") if isinstance(body, bytes) else ""
    elif part is not whole:
        text = f"Message-ID: {_text(part, 'Message-ID')}"
    else:
        return None
    domain = re.escape(settings.CALENDAR_DOMAIN)
    found = re.search(rf"(?im)^Message-ID:\s*<([0-9a-f-]{{36}})@{domain}>", text)
    try:
        return UUID(found[1]) if found else None
    except ValueError:
        return None


def _text(part: Message, name: str) -> str:
    return str(part.get(name, "")).strip()
