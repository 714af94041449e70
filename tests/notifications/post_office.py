"""A mail server on loopback that counts, and senders that are killed at their work."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import connections

logging.getLogger("mail.log").setLevel(logging.WARNING)  # it would log every address
FORK = multiprocessing.get_context("fork")
Send = Callable[[], object]
"""Works for a while and returns; it is called again until its process is ended."""


@dataclass
class Sink:
    """Every message that was accepted: its Message-ID and when, by this machine's clock. Like a
    server far away it takes `latency` seconds for each, half before it keeps the message and half
    before it says so."""

    latency: float = 0
    accepted: list[tuple[str, float]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        headers = BytesHeaderParser().parsebytes(bytes(envelope.content or b""))
        await asyncio.sleep(self.latency / 2)
        with self.lock:
            self.accepted.append((str(headers["Message-ID"]), time.time()))
        await asyncio.sleep(self.latency / 2)
        return "250 Kept"

    def ids(self) -> list[str]:
        with self.lock:
            return [key for key, _at in self.accepted]


@contextmanager
def open_sink(latency: float = 0) -> Iterator[Sink]:
    """A server; Django's mail settings name it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sink = Sink(latency)
    server = Controller(sink, hostname="127.0.0.1", port=port)
    before = {
        name: getattr(settings, name) for name in ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT")
    }
    settings.EMAIL_BACKEND = "notifications.channels.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    server.start()
    try:
        yield sink
    finally:
        server.stop()
        for name, value in before.items():
            setattr(settings, name, value)


def work_under_kills(
    send: Send,
    *,
    processes: int,
    kills: int,
    every: float,
    until: Callable[[], bool],
    between: Callable[[], object] | None = None,
    seconds: float = 1200,
) -> int:
    """Let `processes` send, kill one at random moments and start another, until `kills` were made
    and `until` says that all is done. `between` runs here every second, as a beat would. Returns
    how many were killed."""
    chance = random.Random(20261127)
    children = [_start(send) for _ in range(processes)]
    killed, ticked, over = 0, time.monotonic(), time.monotonic() + seconds
    try:
        while killed < kills or not until():
            assert time.monotonic() < over, f"not done after {seconds} s, {killed} kills"
            time.sleep(every * chance.uniform(0.5, 1.5))
            assert all(child.is_alive() for child in children), "a sender died of itself"
            if killed < kills:
                place = chance.randrange(processes)
                os.kill(children[place].pid or 0, signal.SIGKILL)
                children[place].join()
                killed += 1
                children[place] = _start(send)
            if between is not None and time.monotonic() - ticked > 1:
                between()
                ticked = time.monotonic()
    finally:
        for child in children:
            child.kill()
            child.join()
    return killed


def _start(send: Send) -> multiprocessing.process.BaseProcess:
    connections.close_all()  # a child must not share a socket with us
    child = FORK.Process(target=_work, args=(send,), daemon=True)
    child.start()
    return child


def _work(send: Send) -> None:
    while True:
        send()
        time.sleep(0.02)
