"""Django's SMTP backend, which knows how far a conversation went when it broke."""

from __future__ import annotations

import smtplib
from typing import Any

from django.core.mail.backends.smtp import EmailBackend as DjangoBackend


class _Conversation:
    """Mixed into smtplib's clients. `handed_over` is true from the moment the content is on its
    way until the server has said what became of it; `said` is what it said last."""

    handed_over = False
    said = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.handed_over = True
        answer: tuple[int, bytes] = super().data(msg)  # type: ignore[misc]
        self.handed_over = False
        self.said = f"{answer[0]} {answer[1].decode(errors='replace')}"
        return answer


class _Plain(_Conversation, smtplib.SMTP):
    pass


class _Secure(_Conversation, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoBackend):
    """`unanswered`: whether the last message may have been taken over although sending failed."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _Secure if self.use_ssl else _Plain

    @property
    def said(self) -> str:
        """The server's answer to the last message, with its code."""
        return str(getattr(self.connection, "said", ""))

    @property
    def unanswered(self) -> bool:
        return bool(getattr(self.connection, "handed_over", False))
