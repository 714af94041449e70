"""Mail as it arrives: what was handed over, read back from its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from django.core.mail import EmailMultiAlternatives

CALENDAR, FILE = "text/calendar", "application/ics"


@dataclass(frozen=True)
class Arrived:
    """`parts`: method and content of each calendar part; `files`: name and content of each file to
    be opened by hand."""

    message: EmailMessage
    parts: list[tuple[str, bytes]]
    files: list[tuple[str, bytes]]


def arrived(sent: EmailMultiAlternatives) -> Arrived:
    """The message after its way over the wire."""
    raw = sent.message().as_bytes(linesep="\r\n")
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)
    parts, files = [], []
    for part in message.walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == CALENDAR:
            parts.append((str(part.get_param("method")), content))
        elif part.get_content_type() == FILE:
            files.append((str(part.get_filename()), content))
    return Arrived(message, parts, files)
