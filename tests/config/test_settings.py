"""Each case starts Python anew: settings are read once in a process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DATABASE_URL": "postgresql://tremedy_app:secret@db.example/tremedy",
    "DATABASE_OWNER_URL": "postgresql://tremedy_owner:secret@db.example/tremedy",
    "REDIS_URL": "redis://redis.example/0",
    "SECRET_KEY": "0123456789" * 6,
    "ALLOWED_HOSTS": "clinic.example",
    "CELERY_BEAT_SCHEDULE_FILENAME": "/run/beat",
}


def load_settings(expression: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    program = (
        f"import django; from django.conf import settings; django.setup(); print({expression})"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings"} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("DATABASE_URL", "mysql://app@db.example/tremedy"),
        ("DATABASE_URL", "postgresql://app:secret@db.example:port/tremedy"),
        ("DATABASE_URL", "postgresql://app:secret@db.example"),
        ("DATABASE_OWNER_URL", "tremedy"),
        ("DATABASE_POOL_SIZE", "many"),
        ("REDIS_URL", "redis.example:6379"),
        ("EMAIL_URL", "pigeon://mail.example"),
        ("LOG_LEVEL", "LOUD"),
        ("SECURE_HSTS_SECONDS", "a year"),
        ("SESSION_HOURS", "1.5"),
        ("TRUSTED_PROXY_COUNT", "one"),
        ("EMAIL_PROVIDER", "pigeon"),
        ("EMAIL_PROVIDER", "../base"),
        ("EMAIL_PROVIDER", "console"),
        ("EMAIL_WEBHOOK_PATH", "hooks"),
        ("SMS_PROVIDER", "pigeon"),
        ("SMS_PROVIDER", "console"),
        ("SMS_PROVIDER", "http"),
        ("SMS_INBOUND_SECRET", "whsec_secret"),
        ("WEBHOOK_ALLOW_LOOPBACK", "perhaps"),
        ("INBOUND_IMAP_URL", "imap://clinic:secret@mail.example/INBOX"),
        ("INBOUND_IMAP_URL", "imaps://mail.example/INBOX"),
        ("INBOUND_IMAP_URL", "imaps://clinic:secret@mail.example:port/INBOX"),
        ("INBOUND_IMAP_URL", 'imaps://clinic:secret@mail.example/IN"BOX'),
        ("INBOUND_WEBHOOK_SECRET", "inbound:secret"),
        ("INBOUND_WEBHOOK_SECRET", "secret" * 8),
    ],
)
def test_a_malformed_value_stops_the_process_by_name(name: str, value: str) -> None:
    result = load_settings("'started'", PRODUCTION | {name: value})

    assert result.returncode != 0
    assert name in result.stderr.splitlines()[-1]
    assert "secret" not in result.stderr


SENDGRID = {
    "EMAIL_PROVIDER": "sendgrid",
    "EMAIL_PROVIDER_KEY": "secret",
    "EMAIL_WEBHOOK_PATH": "p" * 32,
    "EMAIL_WEBHOOK_SECRET": "sendgrid:" + "s" * 32,
}
TEXTS = {
    "SMS_PROVIDER": "http",
    "SMS_HTTP_URL": "https://texts.example/v1",
    "SMS_HTTP_TOKEN": "secret",
}


def test_a_provider_for_mail_and_one_for_texts() -> None:
    result = load_settings(
        "settings.EMAIL_BACKEND, settings.ANYMAIL['SENDGRID_API_KEY'],"
        " settings.EMAIL_WEBHOOK_PATH[:3], settings.SMS_PROVIDER",
        PRODUCTION | SENDGRID | TEXTS,
    )
    backend = "anymail.backends.sendgrid.EmailBackend"
    assert result.stdout == f"{backend} secret ppp http\n", result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_WEBHOOK_PATH", "short"),
        ("EMAIL_WEBHOOK_PATH", "p" * 30 + "/../"),
        ("EMAIL_WEBHOOK_SECRET", ""),
        ("EMAIL_WEBHOOK_SECRET", "s" * 40),
        ("EMAIL_WEBHOOK_SECRET", "sendgrid:short"),
        ("EMAIL_WEBHOOK_KEY", "no key"),
        ("SMS_HTTP_URL", "http://texts.example/v1"),
        ("SMS_HTTP_TOKEN", ""),
    ],
)
def test_half_a_provider_stops_the_process_by_name(name: str, value: str) -> None:
    result = load_settings("'started'", PRODUCTION | SENDGRID | TEXTS | {name: value})

    assert result.returncode != 0
    assert name in result.stderr.splitlines()[-1]
    assert "short" not in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_does_not_start_without(name: str) -> None:
    result = load_settings("'started'", {k: v for k, v in PRODUCTION.items() if k != name})

    assert result.returncode != 0
    assert name in result.stderr.splitlines()[-1]


def test_production_is_strict() -> None:
    result = load_settings(
        "settings.DEBUG, settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE,"
        " settings.CSRF_COOKIE_SECURE, settings.DATABASE_ADMIN_URL",
        PRODUCTION,
    )
    assert result.stdout == "False True True True \n", result.stderr


def test_production_passes_djangos_deployment_checks() -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING"],
        env={"PATH": os.environ["PATH"]} | PRODUCTION,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_without_any_variable_this_machines_own_servers_are_used() -> None:
    result = load_settings(
        "settings.LOCAL, settings.DATABASES['default']['USER'],"
        " settings.DATABASES['owner']['USER'], settings.REDIS_URL[:8]",
        {},
    )
    assert result.stdout == "True tremedy_app tremedy_owner unix:///\n", result.stderr


def test_a_mailbox_is_polled_and_answers_are_asked_for_only_where_one_is_named() -> None:
    asked = (
        "'mailbox' in settings.CELERY_BEAT_SCHEDULE, settings.CALENDAR_REPLIES,"
        " settings.INBOUND_MAILBOX and settings.INBOUND_MAILBOX['folder']"
    )
    named = {"INBOUND_IMAP_URL": "imaps://clinic%40example.org:secret@mail.example/Replies"}

    assert load_settings(asked, PRODUCTION).stdout == "False False None\n"
    assert load_settings(asked, PRODUCTION | named).stdout == "True True Replies\n"
