"""A mail that came in, read with suspicion: only what a calendar's reply needs of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import getaddresses
from typing import Any

from notifications.calendars.reply import Reply, read_reply

LARGEST = 512 * 1024
"""Bytes of a mail that is read at all. A reply has a few thousand."""
PARTS, DEPTH = 30, 6
"""No more parts, and not further nested, are looked through. Calendars send three, two deep."""
BROKEN = (MessageError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""The parser is kind to most of what is broken, but not to all."""
CALENDARS = frozenset({"text/calendar", "application/ics"})


@dataclass(frozen=True, slots=True)
class Inbound:
    """`key` tells the mail apart from others and says nothing of it. `sender` is the one bare
    address it says to be from; empty where it says none or several. `too_large`: it was not read.
    """

    key: str
    sender: str = ""
    reply: Reply | None = None
    has_calendar: bool = False
    too_large: bool = False


def read_mail(raw: bytes) -> Inbound:
    """Whatever the bytes are, an answer; never an exception."""
    if len(raw) > LARGEST:
        return Inbound(hashlib.sha256(raw[:LARGEST]).hexdigest(), too_large=True)
    key = hashlib.sha256(raw).hexdigest()
    if raw.count(b"\n--") > 10 * PARTS or raw.lower().count(b"boundary=") > PARTS:
        return Inbound(key, too_large=True)  # the parser compares each line with each boundary
    try:
        return _read(BytesParser(policy=policy.default).parsebytes(raw), key)
    except BROKEN:
        return Inbound(key)


def read_parsed(mail: EmailMessage) -> Inbound:
    """The same for a mail that somebody has parsed already."""
    key = hashlib.sha256(repr(mail.items()).encode("utf-8", "replace")).hexdigest()
    try:
        return _read(mail, key)
    except BROKEN:
        return Inbound(key)


def _read(mail: EmailMessage, key: str) -> Inbound:
    name = str(mail.get("Message-ID", "")).strip()
    if name:
        key = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
    content = next(_calendars(mail), None)
    if content is None:
        return Inbound(key, _sender(mail))
    return Inbound(key, _sender(mail), read_reply(content), has_calendar=True)


def _calendars(mail: Message) -> Iterator[bytes]:
    """The contents of its calendar parts, the first of them first, within bounds."""
    left = PARTS
    stack: list[tuple[Any, int]] = [(mail, 0)]
    while stack and left:
        part, depth = stack.pop()
        left -= 1
        if part.is_multipart():
            inner = part.get_payload()
            if depth < DEPTH and isinstance(inner, list):
                stack += [(one, depth + 1) for one in reversed(inner[:PARTS])]
        elif part.get_content_type() in CALENDARS:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content


def _sender(mail: Message) -> str:
    found = getaddresses([str(value) for value in mail.get_all("From", [])])
    return found[0][1].strip().lower() if len(found) == 1 else ""
