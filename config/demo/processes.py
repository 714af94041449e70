"""Web, worker, beat and a mailbox in one foreground process tree that ends with Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

GRACE_SECONDS = 15
READY_SECONDS = 60


def commands(port: int, mail_port: int) -> dict[str, list[str]]:
    """What runs, by name."""
    python = sys.executable
    celery = [python, "-m", "celery", "-A", "config"]
    return {
        "web": [
            *[python, "-m", "gunicorn", "config.wsgi", "--config", "config/gunicorn.py"],
            *["--bind", f"127.0.0.1:{port}", "--workers", "2"],
        ],
        "worker": [*celery, "worker", "--loglevel=warning", "--concurrency=1"],
        "beat": [*celery, "beat", "--loglevel=warning"],
        "mail": [python, "manage.py", "devmail", "--port", str(mail_port)],
    }


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(port: int, folder: Path, announce: Callable[[], None]) -> int:
    """Run everything until a signal comes or one part ends by itself; stop the rest.

    Calls `announce` once all parts serve. Returns 0 after a signal, 1 when a part failed.
    """
    stopping = False

    def stop(number: int, frame: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    mail_port = free_port()
    environment = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "PUBLIC_URL": f"http://localhost:{port}",
        "DEV_PAGES": "1",
    }
    # Each in a session of its own: Ctrl-C in the terminal reaches us alone, and we stop the parts
    # in an order in which none of them complains.
    parts = {
        name: subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True)  # noqa: S603
        for name, command in commands(port, mail_port).items()
    }
    announced = False
    deadline = time.monotonic() + READY_SECONDS
    try:
        while not stopping:
            ended = [name for name, part in parts.items() if part.poll() is not None]
            if ended:
                print(f"{ended[0]} ended by itself; stopping the rest.", file=sys.stderr)
                return 1
            if not announced and ready(port):
                announce()
                announced = True
            elif not announced and time.monotonic() > deadline:
                print("Not everything serves after a minute; see /readyz.", file=sys.stderr)
                announce()
                announced = True
            time.sleep(0.2)
        return 0
    finally:
        stop_parts(parts)


def ready(port: int) -> bool:
    """Whether `/readyz` says that everything serves."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def stop_parts(parts: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Ask each part to end, then make it."""
    for part in parts.values():
        if part.poll() is None:
            os.killpg(part.pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for part in parts.values():
        try:
            part.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(part.pid, signal.SIGKILL)
            part.wait()
