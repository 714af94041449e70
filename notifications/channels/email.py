"""One conversation with the mail server, or with a provider's own interface."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from time import monotonic
from types import TracebackType

from django.core.mail import EmailMultiAlternatives, get_connection

from notifications.channels import provider
from notifications.channels.outcome import (
    Accepted,
    ChannelDownError,
    Never,
    NotNow,
    Outcome,
    Unknown,
)

FRESH_SECONDS = 5
"""A conversation that was used so lately is not asked whether it still stands."""
PERMANENT = 500
"""SMTP: replies from here on are final (RFC 5321, section 4.2.1)."""
CLOSING = 421
"""SMTP: the server ends the conversation (RFC 5321, section 4.2.3)."""


class Mailer:
    """Use as a context manager; a conversation serves many messages and is opened again when it was
    lost. Works with every backend of Django's and of anymail's."""

    def __enter__(self) -> Mailer:
        self.connection, self.used_at, self.served = get_connection(), monotonic(), 0
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def open(self) -> None:
        """Make sure that somebody listens. Raises ChannelDownError where nobody does."""
        try:
            self._drop_if_lost()
            self.connection.open()
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            raise ChannelDownError from error

    def send(self, message: EmailMultiAlternatives) -> Outcome:
        """Hand one message over; whatever happens to it is an outcome, never an exception."""
        message.connection, self.used_at = self.connection, monotonic()
        try:
            self.connection.send_messages([message])
        except Exception as error:
            outcome, had_enough = self._read(error), self.served and _hung_up(error)
            self._close()
            return self._send_anew(message) if had_enough and outcome == NotNow() else outcome
        self.served += 1
        status = getattr(message, "anymail_status", None)
        return Accepted(str(getattr(status, "message_id", None) or ""))

    def _send_anew(self, message: EmailMultiAlternatives) -> Outcome:
        """Servers end a conversation after as many messages as they like: this one begins the
        next."""
        try:
            self.open()
        except ChannelDownError:
            return NotNow()
        return self.send(message)

    def _read(self, error: Exception) -> Outcome:
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            codes = [code for code, _text in error.recipients.values()]
            return Never() if min(codes, default=PERMANENT) >= PERMANENT else NotNow()
        if isinstance(error, smtplib.SMTPResponseException):
            return Never() if error.smtp_code >= PERMANENT else NotNow()
        if provider.is_of_provider(error):
            return provider.outcome_of(error)
        if not hasattr(self.connection, "unanswered"):
            # Another backend: nobody knows how far it came.
            return Never() if isinstance(error, ValueError) else Unknown()
        if self.connection.unanswered:
            return Unknown()
        return Never() if isinstance(error, (ValueError, UnicodeError)) else NotNow()

    def _drop_if_lost(self) -> None:
        """A server closes conversations that have been idle; better to find out before sending."""
        conversation = getattr(self.connection, "connection", None)
        if not isinstance(conversation, smtplib.SMTP) or monotonic() - self.used_at < FRESH_SECONDS:
            return
        try:
            code, _text = conversation.noop()
        except (OSError, smtplib.SMTPException):
            code = 0
        if code != 250:
            self._close()

    def _close(self) -> None:
        self.served = 0
        with suppress(OSError, smtplib.SMTPException):  # it may be gone already
            self.connection.close()


def _hung_up(error: Exception) -> bool:
    return isinstance(error, smtplib.SMTPServerDisconnected) or (
        isinstance(error, smtplib.SMTPResponseException) and error.smtp_code == CLOSING
    )
