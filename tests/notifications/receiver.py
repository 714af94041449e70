"""Another program on loopback, which answers as it is told and keeps what it was sent."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DROP, HANG, DRIP = "drop", "hang", "drip"


@dataclass
class Sent:
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """`answers` are given one after the other, the last again and again: a status, or DROP (hang up
    once the request was read), HANG (say nothing), DRIP (a byte of the answer now and then)."""

    port: int
    answers: list[Any] = field(default_factory=lambda: [204])
    body: bytes = b""
    location: str = ""
    sent: list[Sent] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, host: str = "127.0.0.1", path: str = "/hook", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def next(self) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def receiver(*answers: Any, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            known.sent.append(Sent(self.path, dict(self.headers), self.rfile.read(length)))
            answer = known.next()
            if answer == HANG:
                known.over.wait(10)
            elif answer == DRIP:
                self.drip()
            elif answer != DROP:
                self.send_response(answer)
                if known.location:
                    self.send_header("Location", known.location)
                self.send_header("Content-Length", str(len(known.body)))
                self.end_headers()
                self.wfile.write(known.body)
            self.close_connection = True

        def drip(self) -> None:
            try:
                for one in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
                    self.wfile.write(bytes([one]))
                    if known.over.wait(0.05):
                        return
            except OSError:
                return

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    known = Receiver(server.server_address[1], list(answers) or [204])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield known
    finally:
        known.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
