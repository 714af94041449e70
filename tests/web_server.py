"""A gunicorn of its own, as in the demo: two workers of several threads, on a free port."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
from django.conf import settings

from tests.databases import ROOT, database_url

READY_SECONDS = 60
STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Web:
    """A running server; `process` is gunicorn's first process, which starts the workers."""

    port: int
    process: psutil.Popen
    token: str = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One request over a connection of its own, so that any worker may answer it.

        `headers` are named with underscores. Raises OSError or HTTPException where the connection
        is dropped.
        """
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Content-Type": "application/json", "Connection": "close"}
        if self.token:
            sent["Authorization"] = f"Token {self.token}"
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            line.request(method, path, None if body is None else json.dumps(body), sent)
            answer = line.getresponse()
            text = answer.read()
        finally:
            line.close()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return Reply(answer.status, dict(answer.headers), json.loads(text) if is_json else text)

    def workers(self) -> list[psutil.Process]:
        return self.process.children()


@contextmanager
def serving(*, token: str = "", **environment: str) -> Iterator[Web]:
    """Serve the database that Django's settings name now. Everything ends with the context."""
    port = free_port()
    process = psutil.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "config/gunicorn.py"),
            *("--bind", f"127.0.0.1:{port}", "--workers", "2"),
        ],
        cwd=ROOT,
        env=production_environment() | environment,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    web = Web(port, process, token)
    try:
        wait_until_live(web)
        yield web
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def production_environment() -> dict[str, str]:
    """As in production, without TLS: no debugging, servers named by their addresses."""
    return os.environ | {
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": database_url("default"),
        "DATABASE_OWNER_URL": database_url("owner"),
        "DEBUG": "0",
        "LOG_LEVEL": "ERROR",
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "SECURE_SSL_REDIRECT": "0",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_live(web: Web) -> None:
    """Raises TimeoutError, or ChildProcessError where the server ended instead."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if web.process.poll() is not None:
            raise ChildProcessError(f"gunicorn ended with {web.process.returncode}")
        try:
            if web.ask("GET", "/livez").status == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    raise TimeoutError("gunicorn did not serve in time")
