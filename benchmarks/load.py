"""Many clients at once against one server, each with one connection that it keeps."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

CLIENTS = 32


@dataclass(frozen=True, slots=True)
class Load:
    statuses: Counter[int]
    seconds: float

    def rate(self, status: int) -> float:
        """Answers of that status per second."""
        return self.statuses[status] / self.seconds


def request(method: str, path: str, body: Any = None, **headers: str) -> bytes:
    """A whole request, made beforehand: the clients share the machine with the server."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(content)}", "", ""]
    return "\r\n".join(lines).encode() + content


def run(port: int, requests: Sequence[bytes]) -> Load:
    """Send all requests, `CLIENTS` at a time, each as soon as a client has its last answer."""
    todo, lock = iter(requests), threading.Lock()
    statuses: Counter[int] = Counter()

    def work() -> None:
        seen: Counter[int] = Counter()
        with closing(Line(port)) as line:
            for message in shared(todo, lock):
                seen[line.ask(message)] += 1
        with lock:
            statuses.update(seen)

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(statuses, time.perf_counter() - began)


def shared(todo: Iterator[bytes], lock: threading.Lock) -> Iterator[bytes]:
    while True:
        with lock:
            message = next(todo, None)
        if message is None:
            return
        yield message


class Line:
    """A kept connection that reads of an answer only its status and its length."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def ask(self, message: bytes) -> int:
        """The status. Raises ConnectionError where the answer does not come whole."""
        self.socket.sendall(message)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.receive()
        head, _, body = data.partition(b"\r\n\r\n")
        fields = head.lower()
        missing = int(fields.split(b"content-length:")[1].split(b"\r\n")[0]) - len(body)
        while missing > 0:
            missing -= len(self.receive())
        if b"connection: close" in fields:
            self.close()
            self.connect()
        return int(head[9:12])

    def receive(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def close(self) -> None:
        self.socket.close()
