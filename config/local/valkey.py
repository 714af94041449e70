"""The local Valkey, which speaks Redis: start, find, stop."""

import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import redis

from config.local.places import LocalServiceError, Places

START_SECONDS = 20
DATABASES = 256


def socket(places: Places) -> Path:
    return places.sockets / "valkey.sock"


def url(places: Places, *, database: int = 0) -> str:
    """The server's address; the number keeps processes such as test runs apart."""
    return f"unix://{quote(str(socket(places)))}?db={database}"


def connect(places: Places) -> redis.Redis:
    return redis.Redis.from_url(url(places), socket_timeout=5)


def answers(places: Places) -> bool:
    """Whether the server takes commands now."""
    try:
        with connect(places) as client:
            client.ping()
    except redis.RedisError:
        return False
    return True


def start(places: Places) -> None:
    """Start the server; it detaches itself. The caller holds the lock.

    Raises LocalServiceError with the end of the server's own words.
    """
    data = places.data / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    places.give(data)
    log = data / "valkey.log"
    options = {
        "port": "0",
        "unixsocket": str(socket(places)),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
        "databases": str(DATABASES),
        "daemonize": "yes",
        "pidfile": "",
        "logfile": str(log),
    }
    command = [str(places.valkey_server)]
    for name, value in options.items():
        command += [f"--{name}", value]
    done = subprocess.run(  # noqa: S603 - our own binary and paths
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        check=False,
        **places.run_as(),
    )
    give_up_at = time.monotonic() + START_SECONDS
    while done.returncode == 0 and time.monotonic() < give_up_at:
        if answers(places):
            return
        time.sleep(0.05)
    words = log.read_text().splitlines()[-5:] if log.exists() else []
    raise LocalServiceError("\n".join(["Valkey does not start:", *words]))


def stop(places: Places) -> None:
    """Stop the server after it wrote everything down."""
    if not answers(places):
        return
    with connect(places) as client:
        client.shutdown(save=False)  # the append-only file is flushed all the same
    give_up_at = time.monotonic() + START_SECONDS
    while answers(places):
        if time.monotonic() > give_up_at:
            raise LocalServiceError("Valkey does not stop.")
        time.sleep(0.02)
