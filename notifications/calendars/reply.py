"""What a calendar answers to an invitation: RFC 5546, section 3.2.3, in mail by RFC 6047.

Whoever sends it is a stranger until proven otherwise: whatever cannot be read is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from icalendar import Calendar, Component

LARGEST = 64 * 1024
"""Bytes of a calendar that is read at all; a reply has about one thousand."""
REPLY = "REPLY"


@dataclass(frozen=True, slots=True)
class Reply:
    """`attendee` is the bare address, `answer` its PARTSTAT in capitals. `stamped_at`: when the
    reader's calendar wrote it; the later of two about one revision holds."""

    uid: str
    sequence: int
    attendee: str
    answer: str
    stamped_at: datetime


def read_reply(content: bytes) -> Reply | None:
    """The reply in a calendar object; None where it is something else, speaks of several
    appointments or for several people, or cannot be read."""
    if len(content) > LARGEST:
        return None
    try:
        calendar = Calendar.from_ical(content)
        if str(calendar.get("METHOD", "")).upper() != REPLY:
            return None
        [event] = calendar.walk("VEVENT")
        return _reply(event)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return None  # not iCalendar, or not as a reply is


def _reply(event: Component) -> Reply | None:
    attendees = event.get("ATTENDEE")
    if isinstance(attendees, list):
        [attendees] = attendees
    address = _address(attendees)
    stamped = event.decoded("DTSTAMP")
    if not address or "SENT-BY" in attendees.params or "DELEGATED-TO" in attendees.params:
        return None  # somebody else answers for them
    return Reply(
        uid=str(event["UID"]),
        sequence=int(event.get("SEQUENCE", 0)),
        attendee=address,
        answer=str(attendees.params.get("PARTSTAT", "")).upper(),
        stamped_at=_instant(stamped),
    )


def _address(attendee: Any) -> str:
    scheme, _colon, address = str(attendee).strip().partition(":")
    return address.strip().lower() if scheme.lower() == "mailto" else ""


def _instant(stamped: date) -> datetime:
    """DTSTAMP is UTC by the standard; one without a zone is read so."""
    if not isinstance(stamped, datetime):
        raise TypeError("a date is no instant")
    return stamped if stamped.tzinfo else stamped.replace(tzinfo=UTC)
