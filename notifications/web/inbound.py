"""Mail that a provider hands over through its webhook; django-anymail has checked its secret."""

from __future__ import annotations

from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from notifications.channels.inbound import read_parsed
from notifications.operations.replies import take

log = structlog.get_logger(__name__)


def receive(sender: object, event: Any, **_others: object) -> None:
    """A receiver of `anymail.signals.inbound`. A hostile mail is answered like any other, as the
    provider would only send it again; without the database it shall."""
    try:
        take(read_parsed(event.message), timezone.now())
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("inbound_mail_broken")
