"""One POST to another program: no redirects, a bounded answer, within a time, to a checked address.

The name is resolved once, every address it has is judged, and the connection goes to one of those;
`Host` and TLS still name the name. So a name that is answered differently a moment later leads
nowhere else.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from notifications.channels import addresses

LARGEST_ANSWER = 16_384
Resolve = Callable[[str, int], list[str]]


class NotSentError(Exception):
    """Nothing was handed over: no address, nobody listening, or TLS failed."""


class ForbiddenAddressError(NotSentError):
    """The name leads to an address that may not be called."""


class NoAnswerError(Exception):
    """It was handed over, or part of it, and no answer came in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is cut after `LARGEST_ANSWER` bytes."""

    status: int
    body: bytes


def split(url: str, *, plain: bool) -> SplitResult:
    """The parts of an address that may be called at all. Raises ValueError: neither https nor,
    where `plain`, http; no host; a name and password in it; a form that programs read
    differently."""
    parts = urlsplit(url)
    if parts.scheme not in (("https", "http") if plain else ("https",)):
        raise ValueError("scheme")
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise ValueError("host")
    if parts.port == 0 or not url.isascii() or not url.isprintable() or set(url) & set(" \\"):
        raise ValueError("form")
    return parts


def resolve(host: str, port: int) -> list[str]:
    """Every IP address of the name. Raises OSError, or UnicodeError for what is no name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def may_be_called(address: str) -> bool:
    """For addresses that people enter."""
    loopback = settings.WEBHOOK_ALLOW_LOOPBACK and addresses.is_loopback(address)
    return loopback or addresses.is_public(address)


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    seconds: float,
    plain: bool,
    allowed: Callable[[str], bool],
    resolve: Resolve = resolve,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """Send and read the answer, in at most twice `seconds` after the name was looked up: once to
    connect, once for the rest. A name of which one address is not `allowed` is not called at all.

    Raises NotSentError (ForbiddenAddressError), NoAnswerError; ValueError as `split` does.
    """
    parts = split(url, plain=plain)
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise NotSentError("name") from error
    if not found:
        raise NotSentError("name")
    if not all(map(allowed, found)):
        raise ForbiddenAddressError
    try:
        line = socket.create_connection((found[0], port), timeout=seconds)
    except OSError as error:
        raise NotSentError("connection") from error
    client = http.client.HTTPConnection(host, port)
    timer = Timer(seconds, _cut, [line])
    timer.daemon = True
    try:
        if parts.scheme == "https":
            client.default_port = 443  # else `Host` would name the port
            secure = context or ssl.create_default_context()
            line = secure.wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
            timer.args = [line]
        client.sock = line
        timer.start()
        _shake_hands(line)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        client.request("POST", target, body, dict(headers))
        answer = client.getresponse()
        return Answer(answer.status, answer.read(LARGEST_ANSWER))
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswerError from error
    finally:
        timer.cancel()
        line.close()


def _shake_hands(line: socket.socket) -> None:
    """Nothing of ours is sent before the other side has shown who it is. Raises NotSentError."""
    if not isinstance(line, ssl.SSLSocket):
        return
    try:
        line.do_handshake()
    except (OSError, ValueError) as error:
        raise NotSentError("tls") from error


def _cut(line: socket.socket) -> None:
    """A receiver that sends its answer byte by byte would hold us for as long as it likes."""
    with suppress(OSError):  # it may have ended by itself
        socket.socket.shutdown(line, socket.SHUT_RDWR)  # under TLS, which its reader still uses
