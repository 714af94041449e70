"""What came into our mailbox is looked at: each mail once."""

from __future__ import annotations

import imaplib
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from notifications.channels.imap import Mailbox, MailboxAddress
from notifications.channels.inbound import read_mail
from notifications.operations.bounces import take_dsn
from notifications.operations.replies import take

log = structlog.get_logger(__name__)


def read_mailbox(address: MailboxAddress, clock: Callable[[], datetime] = timezone.now) -> int:
    """Take what is new; return how many mails were looked at. A mail is marked after what it asks
    for has been committed, and known by its own row before: whatever dies in between, it counts
    once."""
    count = 0
    try:
        with Mailbox(address) as mailbox:
            for uid, raw in mailbox.unseen():
                _take(raw, clock())
                mailbox.mark(uid)
                count += 1
    except (OSError, imaplib.IMAP4.error) as error:
        log.warning("mailbox_down", error=type(error).__name__)
    return count


def _take(raw: bytes, now: datetime) -> None:
    """What a mail server reports, or what a calendar answers. One mail that breaks something stops
    no other. Without the database none is marked."""
    try:
        if not take_dsn(raw, now):
            take(read_mail(raw), now)
    except (OperationalError, InterfaceError):  # the database is gone, not the mail wrong
        raise
    except Exception:
        log.exception("inbound_mail_broken")
