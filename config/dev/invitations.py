"""What a calendar would show of an invitation, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from icalendar import Calendar


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a calendar part. Times stand as the calendar names them."""

    uid: str
    sequence: int
    stamp: date | datetime | None
    summary: str
    start: date | datetime | None
    end: date | datetime | None
    location: str
    description: str
    status: str


def entries(content: str) -> Iterator[Entry]:
    """The events, in the order of the part. Raises ValueError for what is no calendar."""
    for event in Calendar.from_ical(content).walk("VEVENT"):
        start, end, stamp = event.get("DTSTART"), event.get("DTEND"), event.get("DTSTAMP")
        yield Entry(
            uid=str(event.get("UID", "")),
            sequence=int(event.get("SEQUENCE", 0)),
            stamp=stamp.dt if stamp else None,
            summary=str(event.get("SUMMARY", "")),
            start=start.dt if start else None,
            end=end.dt if end else None,
            location=str(event.get("LOCATION", "")),
            description=str(event.get("DESCRIPTION", "")),
            status=str(event.get("STATUS", "")),
        )
