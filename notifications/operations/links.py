"""Links that act without signing in: made for one message, kept as a hash."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.tokens import digest, new_token
from notifications.models import ActionLink, Message, Purpose
from scheduling.models import Appointment


def make_link(
    message: Message, purpose: Purpose, appointment: Appointment | None, expires_at: datetime
) -> str:
    """The address, which nobody can read again later. It works until `expires_at`, and while the
    appointment stands as it stands now."""
    secret = new_token()
    ActionLink.objects.create(
        key=digest(secret),
        message=message,
        appointment=appointment,
        purpose=purpose,
        sequence=appointment.sequence if appointment else 0,
        expires_at=expires_at,
    )
    return settings.PUBLIC_URL + reverse("message-action", args=[secret])
