"""Reading server addresses from the environment, loudly."""

import re
from base64 import b64decode
from importlib.util import find_spec
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
import dj_email_url
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.core.exceptions import ImproperlyConfigured

from notifications.core.signature import key_of

PLANNING = "-c plan_cache_mode=force_generic_plan"
"""The statements that are prepared find a few rows by a key: one plan is the best for all values,
and making it anew costs more than running it."""

SMTP_TIMEOUT_SECONDS = 30
NO_PROVIDERS = frozenset({"base", "base_requests", "console", "test"})
"""Modules of anymail that send nothing."""
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


def read_mail_provider(
    name: str, provider: str, key: str, *, webhook_key: str = ""
) -> dict[str, Any]:
    """Django's and anymail's settings for a provider such as `sendgrid`, called with `key`; nothing
    where none is named. `webhook_key` is the public key with which it signs what it reports, where
    it does. Raises ImproperlyConfigured for a provider that anymail does not know, or no key."""
    if not provider:
        return {}
    plain = provider.replace("_", "").isalnum() and provider == provider.lower()
    if not plain or provider in NO_PROVIDERS or not find_spec(f"anymail.backends.{provider}"):
        raise ImproperlyConfigured(f"{name} names no provider that django-anymail knows.")
    return {
        "EMAIL_BACKEND": f"anymail.backends.{provider}.EmailBackend",
        "ANYMAIL": {
            "REQUESTS_TIMEOUT": (5, SMTP_TIMEOUT_SECONDS),
            f"{provider.upper()}_API_KEY": key,
            f"{provider.upper()}_TRACKING_WEBHOOK_VERIFICATION_KEY": _public_key(webhook_key),
            # A second attempt of its own could send twice; ours is the ledger's to decide.
            "AMAZON_SES_CLIENT_PARAMS": {
                "config": {
                    "connect_timeout": 5,
                    "read_timeout": SMTP_TIMEOUT_SECONDS,
                    "retries": {"total_max_attempts": 1},
                }
            },
        },
    }


def _public_key(text: str) -> str:
    """Raises ImproperlyConfigured for what is neither empty nor a key in base64."""
    try:
        if text:
            load_der_public_key(b64decode(text, validate=True))
    except ValueError:
        raise ImproperlyConfigured("EMAIL_WEBHOOK_KEY is no public key in base64.") from None
    return text


def read_webhook(path: str, secret: str, *, provider: str) -> tuple[str, str]:
    """Where the provider reports what became of mails, and the name and password it shows; two
    empty strings where it does not. Raises ImproperlyConfigured for what could be guessed."""
    if not path and not secret:
        return "", ""
    if not provider:
        raise ImproperlyConfigured(
            "EMAIL_WEBHOOK_PATH is for the provider that EMAIL_PROVIDER names."
        )
    if not re.fullmatch(r"[A-Za-z0-9_-]{24,}", path):
        raise ImproperlyConfigured("EMAIL_WEBHOOK_PATH needs 24 random letters or digits, or more.")
    user, _separator, password = secret.partition(":")
    if not user or len(password) < 24:
        raise ImproperlyConfigured(
            "EMAIL_WEBHOOK_SECRET must look like name:password, the password of 24 characters."
        )
    return path, secret


def read_sms(provider: str, url: str, token: str, *, relaxed: bool) -> str:
    """How text messages go out: empty, `console` or `http`. Raises ImproperlyConfigured."""
    if provider not in ("", "console", "http"):
        raise ImproperlyConfigured("SMS_PROVIDER must be empty, console or http.")
    if provider == "console" and not relaxed:
        raise ImproperlyConfigured("SMS_PROVIDER=console prints numbers: for development alone.")
    if provider == "http":
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not parts.hostname or not (parts.scheme == "https" or local):
            raise ImproperlyConfigured("SMS_PROVIDER=http needs an SMS_HTTP_URL with https://.")
        if not token:
            raise ImproperlyConfigured("SMS_PROVIDER=http needs an SMS_HTTP_TOKEN.")
    return provider


def read_signing_key(name: str, secret: str) -> str:
    """The secret again, or the empty string where it is empty. Raises ImproperlyConfigured where it
    is none of Standard Webhooks."""
    try:
        if secret:
            key_of(secret)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be whsec_ and 24 to 64 bytes in base64.") from None
    return secret


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
