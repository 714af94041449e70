"""What became of a message that was handed to a mail provider's own interface, by its error."""

from __future__ import annotations

import requests
from anymail.exceptions import AnymailConfigurationError, AnymailError
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from notifications.channels.outcome import Never, NotNow, Outcome, Unknown

UNDECIDED = frozenset({401, 403, 408, 409, 425, 429, 503})
"""Answers that say "not taken", and nothing about the message: our key, too many requests, busy."""
NOT_EVEN_CONNECTED = frozenset(
    {
        "ConnectTimeoutError",
        "EndpointConnectionError",
        "NoCredentialsError",
        "PartialCredentialsError",
        "ProxyConnectionError",
        "SSLError",
    }
)
"""botocore's names; it is installed only where it is used."""


def is_of_provider(error: Exception) -> bool:
    """Whether it comes from one of anymail's backends."""
    return isinstance(error, (AnymailError, AnymailConfigurationError))


def outcome_of(error: Exception) -> Outcome:
    """Certainly not taken, now or ever, or unknown. In doubt unknown: a person decides, or the
    provider's own report does."""
    answered = _answered(error)
    if answered is not None:
        return of_answer(answered)
    if isinstance(error, requests.RequestException):
        return NotNow() if _never_connected(error) else Unknown()
    cause = error.__cause__
    if cause is not None and type(cause).__module__.startswith("botocore"):
        return NotNow() if type(cause).__name__ in NOT_EVEN_CONNECTED else Unknown()
    if isinstance(error, AnymailConfigurationError):
        return NotNow()  # every message would fail: an operator has to look
    return Never()  # an address or a part that the provider does not know, found before sending


def of_answer(status: int) -> Outcome:
    """By an HTTP status that is no success. A server that failed on its way (500, 502, 504) may
    have taken the message before."""
    if status in UNDECIDED:
        return NotNow()
    return Never() if 400 <= status < 500 else Unknown()


def _answered(error: Exception) -> int | None:
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return status
    response = getattr(error, "response", None)  # botocore's is a dictionary
    metadata = response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}
    status = metadata.get("HTTPStatusCode")
    return status if isinstance(status, int) else None


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(
        error,
        (
            requests.exceptions.ConnectTimeout,
            requests.exceptions.SSLError,
            requests.exceptions.ProxyError,
            requests.exceptions.InvalidURL,
            requests.exceptions.MissingSchema,
        ),
    ):
        return True
    inner = error.__cause__.args[0] if error.__cause__ and error.__cause__.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError))
