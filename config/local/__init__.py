"""A development machine's own PostgreSQL 18 and Valkey, from wheels, on unix sockets.

**Lifetime.** `start` finds servers that answer or starts them; several processes may call it at
once. Servers are detached from whoever started them and serve until `stop`: `manage.py services`
stops on Ctrl-C what it started itself, and `manage.py services --stop` stops them in any case.
After a crash or a restart of the machine the next `start` recovers what was committed.

Addresses follow from the checkout's path alone, so settings know them while nothing runs yet.
"""

import secrets
import sys
from pathlib import Path

from config.local import postgres, valkey
from config.local.places import LocalServiceError, Places, find_places

__all__ = [
    "REDIS_DATABASES",
    "LocalServiceError",
    "Places",
    "database_url",
    "find_places",
    "redis_url",
    "secret_key",
    "start",
    "status",
    "stop",
]

database_url = postgres.url
redis_url = valkey.url
REDIS_DATABASES = valkey.DATABASES


def start(places: Places, *, database: bool = True, redis: bool = True) -> list[str]:
    """Make the named servers answer; return the names of those that had to be started.

    Raises LocalServiceError, in words for the person at the keyboard.
    """
    places.prepare()
    if places.moved:
        print(places.explanation(), file=sys.stderr)
    started = []
    with places.lock():
        if database and not postgres.answers(places):
            postgres.start(places)
            started.append("PostgreSQL")
        if redis and not valkey.answers(places):
            valkey.start(places)
            started.append("Valkey")
    return started


def stop(places: Places) -> None:
    """Stop both servers after they wrote everything down; nothing happens where none runs."""
    if not places.data.is_dir():
        return
    with places.lock():
        postgres.stop(places)
        valkey.stop(places)


def status(places: Places) -> dict[str, bool]:
    """Which servers answer."""
    return {"PostgreSQL": postgres.answers(places), "Valkey": valkey.answers(places)}


def secret_key(places: Places) -> str:
    """This checkout's own key, made once; it keeps sessions and signatures valid over restarts."""
    path: Path = places.var / "secret-key"
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    except PermissionError as error:
        raise LocalServiceError(f"{path} belongs to another user. Set SECRET_KEY.") from error
    places.make_var()
    # Written aside and linked, so that of two processes one wins and none reads half a key.
    fresh = path.with_name(f"secret-key.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(48))
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text()
