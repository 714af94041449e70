"""The simulated calendar program: RFC 5546, section 2.1.5."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.dev.calendar_client import CalendarClient, Effect
from notifications.calendars.invitation import invitation
from tests.factories import NOW, at
from tests.notifications.calendars.sessions import SENT, make_session

FIRST = make_session()
MOVED = make_session(at("2026-12-08 10:00"), sequence=1, revised_at=NOW + timedelta(hours=1))
OFF = make_session(at("2026-12-08 10:00"), sequence=2, cancelled=True)


def receive(client: CalendarClient, *sessions: object) -> list[Effect]:
    effects = []
    for one in sessions:
        part = invitation(one, **SENT)  # type: ignore[arg-type]
        effects += client.receive([(part.method, part.content.decode())])
    return [effect for _entry, effect in effects]


def test_the_newest_revision_counts_whatever_the_order() -> None:
    client = CalendarClient()
    assert receive(client, FIRST, MOVED, FIRST, MOVED, OFF, MOVED) == [
        Effect.ADDED,
        Effect.CHANGED,
        Effect.IGNORED,
        Effect.REPEATED,
        Effect.CANCELLED,
        Effect.IGNORED,
    ]
    [shown] = client.in_order()
    assert (shown.status, shown.sequence) == ("CANCELLED", 2)


def test_of_one_sequence_the_newest_stamp_counts() -> None:
    later = make_session(at("2026-12-09 10:00"), revised_at=NOW + timedelta(seconds=1))
    client = CalendarClient()
    assert receive(client, later, FIRST) == [Effect.ADDED, Effect.IGNORED]
    assert client.in_order()[0].start == later.start


def test_what_was_never_there_cannot_be_cancelled() -> None:
    client = CalendarClient()
    assert receive(client, OFF) == [Effect.UNKNOWN]
    assert client.in_order() == []


def test_files_to_open_by_hand_do_nothing_by_themselves() -> None:
    client = CalendarClient()
    text = invitation(FIRST, **SENT).content.decode()
    assert client.receive([("PUBLISH", text)]) == []


def test_a_part_that_is_no_calendar_is_refused() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - icalendar words it
        CalendarClient().receive([("REQUEST", "Hello")])
