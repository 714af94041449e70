"""A sample goes to the colleague who looks at it. The ledger knows nothing of it."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass, replace
from uuid import uuid4

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import get_connection

from notifications.channels.mime import email_of
from notifications.compose.letter import Letter

MARK = "[Test]"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it. `said`: the mail server's own words, where it has any."""

    taken: bool
    said: str = ""


def send_test(letter: Letter, *, with_calendar: bool) -> Answer:
    """Hand the letter over, marked as a test. Without `with_calendar` its calendar parts stay out:
    sample visits would stand in the reader's calendar."""
    parts = letter.calendars if with_calendar else ()
    marked = replace(letter, subject=f"{MARK} {letter.subject}", calendars=parts)
    mail = email_of(marked, f"<test-{uuid4()}@{settings.CALENDAR_DOMAIN}>")
    mail.connection = connection = get_connection()
    try:
        connection.open()
        taken = connection.send_messages([mail]) == 1
        return Answer(taken, getattr(connection, "said", ""))
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return Answer(False, f"{code} {_text(text)}")
    except smtplib.SMTPResponseException as error:
        return Answer(False, f"{error.smtp_code} {_text(error.smtp_error)}")
    except (OSError, ValueError, AnymailError) as error:
        return Answer(False, str(error))
    finally:
        connection.close()


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
