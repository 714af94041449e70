"""Calendars read by two programs that have nothing in common with each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import vobject
from icalendar import Calendar

LONGEST_LINE = 75
"""Octets, without the line break (RFC 5545, section 3.1)."""


@dataclass(frozen=True)
class Read:
    """An event as both understood it. Instants are UTC."""

    uid: str
    sequence: int
    status: str
    start: datetime
    end: datetime
    summary: str
    location: str
    method: str


def read(content: bytes) -> list[Read]:
    """The events, in their order. Fails where either program complains, where they differ, or
    where a line is too long or ends otherwise than it should."""
    lines = content.split(b"\r\n")
    assert max(len(line) for line in lines) <= LONGEST_LINE
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    found = list(_by_icalendar(content))
    assert found == list(_by_vobject(content))
    return found


def _by_icalendar(content: bytes) -> list[Read]:
    calendar = Calendar.from_ical(content)
    assert not [error for part in calendar.walk() for error in part.errors]
    return [
        Read(
            uid=str(event["UID"]),
            sequence=int(event["SEQUENCE"]),
            status=str(event["STATUS"]),
            start=event.decoded("DTSTART").astimezone(UTC),
            end=event.decoded("DTEND").astimezone(UTC),
            summary=str(event["SUMMARY"]),
            location=str(event.get("LOCATION", "")),
            method=str(calendar["METHOD"]),
        )
        for event in calendar.walk("VEVENT")
    ]


def _by_vobject(content: bytes) -> list[Read]:
    # It remembers the rules of a zone from the first calendar it ever read; each is to bring its
    # own.
    for zone in set(vars(vobject.icalendar)["__tzidMap"]) - {"UTC"}:
        del vars(vobject.icalendar)["__tzidMap"][zone]
    calendar = vobject.readOne(content.decode(), validate=True)
    return [
        Read(
            uid=event.uid.value,
            sequence=int(event.sequence.value),
            status=event.status.value,
            start=event.dtstart.value.astimezone(UTC),
            end=event.dtend.value.astimezone(UTC),
            summary=event.summary.value,
            location=event.location.value if hasattr(event, "location") else "",
            method=calendar.method.value,
        )
        for event in getattr(calendar, "vevent_list", [])
    ]
