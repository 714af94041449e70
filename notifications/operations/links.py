"""Links that act without signing in: made for one message, kept as a hash."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.tokens import digest, new_token
from notifications.models import ActionLink, Message, Purpose
from scheduling.models import Appointment


class Links:
    """The links of one message, which whoever sends it writes down in the same transaction."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.made: list[ActionLink] = []

    def make(
        self,
        purpose: Purpose,
        appointment: Appointment | None,
        expires_at: datetime,
        *,
        secret: str = "",
    ) -> str:
        """An address, which nobody can read again later. It works until `expires_at`, and while
        the appointment stands as it stands now. `secret`: one that the caller has chosen."""
        secret = secret or new_token()
        self.made.append(
            ActionLink(
                key=digest(secret),
                message=self.message,
                appointment=appointment,
                purpose=purpose,
                sequence=appointment.sequence if appointment else 0,
                expires_at=expires_at,
            )
        )
        return settings.PUBLIC_URL + reverse("message-action", args=[secret])

    def save(self) -> None:
        """All in one statement."""
        ActionLink.objects.bulk_create(self.made)


def find_link(secret: str) -> ActionLink | None:
    """The link with all that its page shows. One query."""
    rows = ActionLink.objects.select_related(
        *("message__patient__user", "message__site", "appointment__patient__user"),
        *("appointment__site", "appointment__service", "appointment__care_plan__site"),
        *("appointment__care_plan__patient",),
    )
    return rows.filter(pk=digest(secret)).first()


def undo_secret(secret: str) -> str:
    """The secret of the link that undoes what the link of `secret` has cancelled: whoever has the
    one can see the other, however often they come back."""
    return salted_hmac("message link: undo", secret, algorithm="sha256").hexdigest()
