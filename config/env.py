"""Reading server addresses from the environment, loudly."""

from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
import dj_email_url
from django.core.exceptions import ImproperlyConfigured

PLANNING = "-c plan_cache_mode=force_generic_plan"
"""The statements that are prepared find a few rows by a key: one plan is the best for all values,
and making it anew costs more than running it."""

SMTP_TIMEOUT_SECONDS = 30
CREDENTIALS_LENGTH = 32


def read_database(name: str, url: str, *, pool_size: int = 0) -> dict[str, Any]:
    """Django's settings for the PostgreSQL at ``url``; ``name`` is the variable it came from.

    A pool serves threads that come and go. Without one a thread keeps its own connection.

    Raises ImproperlyConfigured, without repeating the URL: it may hold a password.
    """
    if urlsplit(url).scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host/name.")
    try:
        database = dict[str, Any](dj_database_url.parse(url))
    except (dj_database_url.ParseError, ValueError) as error:
        raise ImproperlyConfigured(f"{name} is not a database URL.") from error
    if not database["NAME"]:
        raise ImproperlyConfigured(f"{name} names no database: end it with /name.")
    database["ENGINE"] = "config.postgresql"
    database["OPTIONS"] = {"options": PLANNING} | database.get("OPTIONS", {})
    if pool_size:
        database["OPTIONS"] |= {"pool": {"min_size": 1, "max_size": pool_size, "timeout": 5}}
    else:
        database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    return database


def read_email(name: str, url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings for ``url``, such as smtp+tls://user:password@host:587.

    Raises ImproperlyConfigured where no way of sending is known by that name.
    """
    try:
        found = dict(dj_email_url.parse(url))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not an e-mail URL.") from error
    if not found.get("EMAIL_BACKEND"):
        raise ImproperlyConfigured(f"{name} must begin with smtp://, smtp+tls:// or smtp+ssl://.")
    if found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
        found["EMAIL_BACKEND"] = "notifications.channels.smtp.EmailBackend"
    found["EMAIL_TIMEOUT"] = found.get("EMAIL_TIMEOUT") or SMTP_TIMEOUT_SECONDS
    return found


def read_mailbox(name: str, url: str) -> dict[str, Any] | None:
    """The mailbox at ``url``, such as imaps://user:password@host:993/INBOX; None where it is empty.

    Raises ImproperlyConfigured, without repeating the URL: it holds a password. Without TLS only
    this machine itself is asked.
    """
    if not url:
        return None
    found = urlsplit(url)
    try:
        port = found.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} has a port that is no number.") from error
    tls = found.scheme == "imaps"
    if not tls and (found.scheme != "imap" or found.hostname not in ("localhost", "127.0.0.1")):
        raise ImproperlyConfigured(f"{name} must begin with imaps://.")
    if not (found.hostname and found.username and found.password):
        raise ImproperlyConfigured(f"{name} must look like imaps://user:password@host/INBOX.")
    folder = unquote(found.path.strip("/")) or "INBOX"
    if not folder.isprintable() or not folder.isascii() or '"' in folder or "\\" in folder:
        raise ImproperlyConfigured(f"{name} names a folder that no mailbox has.")
    return {
        "host": found.hostname,
        "port": port or (993 if tls else 143),
        "user": unquote(found.username),
        "password": unquote(found.password),
        "folder": folder,
        "tls": tls,
    }


def read_credentials(name: str, value: str) -> str:
    """``value`` again, or the empty string where it is empty.

    Raises ImproperlyConfigured unless it is ``user:password`` and hard to guess.
    """
    if value and (":" not in value or len(value) < CREDENTIALS_LENGTH):
        raise ImproperlyConfigured(
            f"{name} must look like user:password, {CREDENTIALS_LENGTH} characters at least."
        )
    return value


def read_dev_pages(name: str, wanted: bool, *, local: bool) -> bool:
    """Whether pages that show everybody's mail and second factors are served.

    Raises ImproperlyConfigured where the database is not this machine's own.
    """
    if wanted and not local:
        raise ImproperlyConfigured(f"{name} shows everybody's mail: never beside a DATABASE_URL.")
    return wanted


def read_redis_url(url: str) -> str:
    """``url`` again, or the empty string where it is empty.

    Raises ImproperlyConfigured where it is neither redis://, rediss:// nor unix://.
    """
    if url and urlsplit(url).scheme not in ("redis", "rediss", "unix"):
        raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or unix://.")
    return url


def broker_url(redis_url: str) -> str:
    """The same server in the form Celery wants, which spells unix sockets its own way."""
    if redis_url.startswith("unix://"):
        return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
    return redis_url
