"""An SMTP server on loopback that delivers nothing: it keeps what it is given in a folder."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.dev import mailbox

LOOPBACK = "127.0.0.1"
LARGEST = 5_000_000
logging.getLogger("mail.log").setLevel(logging.WARNING)  # it would log every address


class Keep:
    """What aiosmtpd calls for each message."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mailbox.keep(self.folder, envelope.original_content or b"")
        return "250 Kept"


def sink(folder: Path, port: int) -> Controller:
    """A server, not yet started."""
    return Controller(Keep(folder), hostname=LOOPBACK, port=port, data_size_limit=LARGEST)


def serve(folder: Path, port: int, until: threading.Event) -> None:
    """Serve until the event is set."""
    server = sink(folder, port)
    server.start()
    try:
        until.wait()
    finally:
        server.stop()
