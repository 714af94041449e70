"""A mailbox that replies come to, read over IMAP (RFC 9051)."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from notifications.channels.inbound import LARGEST

TIMEOUT_SECONDS = 30
AT_ONCE = 100
"""Mails of one visit to the mailbox; the rest waits for the next."""


@dataclass(frozen=True, slots=True)
class MailboxAddress:
    """`tls` from the first byte, as port 993 has it."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    tls: bool


class Mailbox:
    """Use as a context manager. Raises OSError or imaplib.IMAP4.error where nobody answers, or not
    as they should."""

    def __init__(self, address: MailboxAddress) -> None:
        self.address = address

    def __enter__(self) -> Mailbox:
        to = self.address
        if to.tls:
            context = ssl.create_default_context()
            self.line: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                to.host, to.port, ssl_context=context, timeout=TIMEOUT_SECONDS
            )
        else:
            self.line = imaplib.IMAP4(to.host, to.port, timeout=TIMEOUT_SECONDS)
        try:
            self.line.login(to.user, to.password)
            self._ask("select", self.line.select(f'"{to.folder}"'))
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def unseen(self) -> Iterator[tuple[str, bytes]]:
        """Number and content of mails that nobody has looked at, the oldest first. Of one that is
        too large only the beginning comes, one byte more than is read."""
        [found] = self._ask("search", self.line.uid("SEARCH", "UNSEEN"))
        for uid in (found or b"").decode("ascii", "ignore").split()[:AT_ONCE]:
            answer = self._ask(
                "fetch", self.line.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST + 1}>)")
            )
            content = next((one[1] for one in answer if isinstance(one, tuple)), None)
            if content is not None:
                yield uid, content

    def mark(self, uid: str) -> None:
        """It has been looked at."""
        self._ask("store", self.line.uid("STORE", uid, "+FLAGS", r"(\Seen)"))

    def _ask(self, what: str, answer: tuple[str, list]) -> list:
        status, data = answer
        if status != "OK":
            raise imaplib.IMAP4.error(what)
        return data

    def _close(self) -> None:
        try:
            self.line.logout()
        except (OSError, imaplib.IMAP4.error):  # it may be gone already
            with suppress(OSError):
                self.line.shutdown()
