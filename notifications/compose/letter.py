"""A message in words, ready to be sent, or the reason why it is not sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from notifications.calendars.invitation import Part
from notifications.compose.recipient import Recipient
from notifications.core.kinds import Reason, Status
from notifications.core.session import Session


@dataclass(frozen=True, slots=True)
class Letter:
    """`text` may hold links that act; `kept` is the same without them, for the desk to read.
    `told`: the sequence of each session it speaks of, by the appointment's key."""

    recipient: Recipient
    subject: str
    text: str
    kept: str
    html: str = ""
    calendars: tuple[Part, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drop:
    """It is not sent, for good."""

    status: Status
    reason: Reason


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before `until`: people sleep."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Content:
    """What a kind has to say: its template's name and values, the sessions it tells of, and those
    that its calendar part carries."""

    template: str
    subject: str
    values: dict[str, object] = field(default_factory=dict)
    sessions: tuple[Session, ...] = ()
    calendar: tuple[Session, ...] = ()
    acts_on: Session | None = None
