"""A session to put into calendars. What matters is passed by the test."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from notifications.core.session import Session
from tests.factories import NOW, ZONE, at

ORGANIZER, ADA = "appointments@clinic.example", "ada@example.org"
URL = "https://clinic.example/courses/"
SENT = {"organizer": ORGANIZER, "attendee": ADA, "url": URL}


def make_session(start: datetime | None = None, **fields: object) -> Session:
    """An hour on 7 December in Denver, booked and never moved."""
    begins = start or at("2026-12-07 10:00")
    number = fields.pop("number", 1)
    assert isinstance(number, int)
    values: dict[str, object] = {
        "id": UUID(int=number),
        "uid": f"{UUID(int=number)}@clinic.example",
        "sequence": 0,
        "revised_at": NOW,
        "start": begins,
        "end": begins + timedelta(hours=1),
        "zone": ZONE,
        "cancelled": False,
        "mode": "in_person",
        "title": "Ketamine infusion",
        "clinic": "Clinic",
        "address": "1 Main Street\nDenver, CO",
        "phone": "+1 303 555 0100",
    }
    return Session(**(values | fields))  # type: ignore[arg-type]
