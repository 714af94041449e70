"""Whether a link in a message still does what it says."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """`done`: what it does has been done, by this link or otherwise. `changed`: the visit is no
    longer as it was when the link was sent. `expired`: its time is over."""

    OPEN = "open"
    DONE = "done"
    CHANGED = "changed"
    EXPIRED = "expired"


def standing(*, done: bool, as_sent: bool, expires_at: datetime, now: datetime) -> Standing:
    """What was done stays done, however late one looks. `as_sent`: the visit has the same calendar
    revision, and nobody else reads the patient's mail by now."""
    if done:
        return Standing.DONE
    if not as_sent:
        return Standing.CHANGED
    return Standing.OPEN if now < expires_at else Standing.EXPIRED
