"""A mailbox on this machine that speaks as much IMAP as a poll needs."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from notifications.channels.imap import MailboxAddress

USER, PASSWORD = "clinic", "four calm rivers"


@dataclass
class Box:
    """`mails` by number; `seen` are those that were marked. `dies_before_mark`: the line breaks
    when a mail is to be marked, as in an outage."""

    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    dies_before_mark: bool = False
    port: int = 0

    def add(self, raw: bytes) -> None:
        self.mails[len(self.mails) + 1] = raw

    @property
    def address(self) -> MailboxAddress:
        return MailboxAddress("127.0.0.1", self.port, USER, PASSWORD, "INBOX", tls=False)


class _Talk(socketserver.StreamRequestHandler):
    @property
    def box(self) -> Box:
        return self.server.box  # type: ignore[attr-defined]

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline():
            tag, _space, rest = line.decode().strip().partition(" ")
            if not self._answer(tag, rest):
                return

    def _answer(self, tag: str, asked: str) -> bool:
        verb = asked.upper().removeprefix("UID ").split(" ")[0]
        if verb == "LOGIN":
            ok = USER in asked and PASSWORD in asked
            self._say(f"{tag} {'OK' if ok else 'NO'} login")
        elif verb == "CAPABILITY":
            self._say("* CAPABILITY IMAP4rev1", f"{tag} OK done")
        elif verb == "SELECT":
            self._say(f"* {len(self.box.mails)} EXISTS", f"{tag} OK [READ-WRITE] done")
        elif verb == "SEARCH":
            new = sorted(self.box.mails.keys() - self.box.seen)
            self._say("* SEARCH " + " ".join(map(str, new)), f"{tag} OK done")
        elif verb == "FETCH":
            self._fetch(tag, asked)
        elif verb == "STORE":
            if self.box.dies_before_mark:
                return False
            self.box.seen.add(int(asked.split()[2]))
            self._say(f"{tag} OK done")
        elif verb == "LOGOUT":
            self._say("* BYE", f"{tag} OK done")
            return False
        else:
            self._say(f"{tag} BAD unknown")
        return True

    def _fetch(self, tag: str, asked: str) -> None:
        number = int(asked.split()[2])
        most = re.search(r"<0\.(\d+)>", asked)
        assert most, "only a bounded part is asked for"
        content = self.box.mails[number][: int(most.group(1))]
        self.wfile.write(
            b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n" % (number, number, len(content))
            + content
            + b")\r\n"
        )
        self._say(f"{tag} OK done")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    box: Box


@contextmanager
def mailbox() -> Iterator[Box]:
    """A running one, empty at first."""
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.box = Box(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.box
        finally:
            server.shutdown()
            thread.join()
