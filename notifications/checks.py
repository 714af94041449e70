"""What the settings ask for and a provider cannot do, said before anything is sent."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

CARRIES_INVITATIONS = frozenset({"amazon_ses", "sendgrid"})
"""Of django-anymail 15.2 the backends that accept a text/calendar alternative; the others raise."""


@register()
def mail_provider(**options: Any) -> list[CheckMessage]:
    """Invitations are part of what patients are promised, so a provider has to carry them."""
    provider = settings.EMAIL_PROVIDER
    if not provider:
        return []
    if provider not in CARRIES_INVITATIONS:
        return [
            Error(
                f"EMAIL_PROVIDER={provider} cannot send calendar invitations.",
                hint="Only plain SMTP (EMAIL_URL; most providers offer it too), amazon_ses and "
                "sendgrid accept a text/calendar alternative.",
                id="notifications.E001",
            )
        ]
    if provider == "amazon_ses" and find_spec("boto3") is None:
        return [
            Error(
                "EMAIL_PROVIDER=amazon_ses needs boto3, which is not installed.",
                hint="Install django-anymail[amazon-ses].",
                id="notifications.E002",
            )
        ]
    return []
