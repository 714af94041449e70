"""Text messages, through a provider's HTTP interface or on the console."""

from __future__ import annotations

import json
import sys
from types import TracebackType

from django.conf import settings

from notifications.channels import http
from notifications.channels.outcome import (
    Accepted,
    ChannelDownError,
    NotNow,
    Outcome,
    Unknown,
)
from notifications.channels.provider import of_answer

SECONDS = 15


class Texter:
    """Use as a context manager, like `email.Mailer`. Which provider stands in `SMS_PROVIDER`."""

    def __enter__(self) -> Texter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def open(self) -> None:
        """Raises ChannelDownError while no provider is set."""
        if settings.SMS_PROVIDER not in PROVIDERS:
            raise ChannelDownError

    def send(self, address: str, text: str, *, key: str) -> Outcome:
        """Hand one text over to a number in E.164. `key` is the message's own: a provider that has
        seen it sends nothing again."""
        return PROVIDERS[settings.SMS_PROVIDER](address, text, key)


def on_console(address: str, text: str, key: str) -> Outcome:
    """Print it: for development, as it shows the number."""
    sys.stdout.write(f"Text to {address}: {text}\n")
    sys.stdout.flush()
    return Accepted(key)


def by_http(address: str, text: str, key: str) -> Outcome:
    """POST `{"to", "from", "text"}` as JSON with a bearer token. The operator has set where to, so
    a provider's gateway inside the own network may be called too. Any 2xx is a yes; its `id`, if
    it answers with one, is kept."""
    said = {"to": address, "from": settings.SMS_SENDER, "text": text}
    headers = {
        "Authorization": f"Bearer {settings.SMS_HTTP_TOKEN}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    try:
        answer = http.post(
            settings.SMS_HTTP_URL,
            json.dumps(said).encode(),
            headers,
            seconds=SECONDS,
            plain=True,
            allowed=lambda address: True,
        )
    except http.NotSentError:
        return NotNow()
    except http.NoAnswerError:
        return Unknown()
    if 200 <= answer.status < 300:
        return Accepted(_id_in(answer.body))
    # A redirect comes from the wrong place: nothing was taken, and an operator has to look.
    return NotNow() if 300 <= answer.status < 400 else of_answer(answer.status)


def _id_in(body: bytes) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return ""
    return str(said.get("id", "")) if isinstance(said, dict) else ""


PROVIDERS = {"console": on_console, "http": by_http}
