"""What stands in calendar parts, read back by two programs."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from icalendar.cal.component import Component

from notifications.calendars.feed import feed
from notifications.calendars.invitation import invitation, parts, published
from notifications.core.address import one_address
from tests.factories import NOW, at
from tests.notifications.calendars.sessions import ADA, ORGANIZER, SENT, URL, make_session
from tests.notifications.reading import read

ROOT = Path(__file__).resolve().parents[3]
HOSTILE = [
    "Clinic\r\nATTENDEE:mailto:eve@example.org",
    "Clinic\rDESCRIPTION:eve",
    "Clinic\nEND:VEVENT\nBEGIN:VEVENT",
    "Clinic\u2028SUMMARY:eve",
    "Clinic\u2029\u0085\x0b\x0cSUMMARY:eve",
    "\u202eCinilc\u202c \u2066x\u2069",
    "Clinic\x00\x07",
    "Clinic; A, B\\n C: “D” {{ name }} %(clinic)s",
    "Ñandú 🦤 " * 40,
    "",
]


def event(content: bytes) -> Component:
    [found] = Calendar.from_ical(content).walk("VEVENT")
    return found


def test_a_booked_session_is_a_request_that_says_when_and_where_alone() -> None:
    part = invitation(make_session(), **SENT)
    [seen] = read(part.content)

    assert (part.method, seen.method, seen.status) == ("REQUEST", "REQUEST", "CONFIRMED")
    assert (seen.start, seen.end) == (at("2026-12-07 10:00"), at("2026-12-07 11:00"))
    assert seen.summary == "Appointment at Clinic"
    assert seen.location == "1 Main Street Denver, CO"
    found = event(part.content)
    assert str(found["ORGANIZER"]) == f"mailto:{ORGANIZER}"
    assert not found["ORGANIZER"].params
    assert str(found["ATTENDEE"]) == f"mailto:{ADA}"
    assert found["ATTENDEE"].params["RSVP"] == "FALSE"
    assert found["DTSTART"].params["TZID"] == "America/Denver"
    assert [one["ACTION"] for one in found.walk("VALARM")] == ["DISPLAY"]
    assert set(found) == {
        *("UID", "DTSTAMP", "SEQUENCE", "SUMMARY", "DTSTART", "DTEND", "STATUS", "CLASS"),
        *("TRANSP", "LOCATION", "URL", "ORGANIZER", "ATTENDEE"),
    }


def test_a_cancelled_session_keeps_its_identifier_and_rings_no_more() -> None:
    part = invitation(make_session(sequence=3, cancelled=True), **SENT)
    [seen] = read(part.content)

    assert (part.method, seen.method, seen.status) == ("CANCEL", "CANCEL", "CANCELLED")
    assert (seen.uid, seen.sequence) == (make_session().uid, 3)
    found = event(part.content)
    assert {"ORGANIZER", "ATTENDEE"} <= set(found)
    assert not found.walk("VALARM")


def test_the_same_revision_gives_the_same_bytes_whenever_it_is_made() -> None:
    first, again = (invitation(make_session(), **SENT).content for _ in range(2))
    assert first == again
    moved = make_session(sequence=1, revised_at=NOW + timedelta(hours=1))
    assert b"DTSTAMP:20261123T200000Z" in invitation(moved, **SENT).content


@pytest.mark.parametrize("mode", ["video", "phone"])
def test_a_session_at_a_distance_has_no_place(mode: str) -> None:
    assert "LOCATION" not in event(invitation(make_session(mode=mode), **SENT).content)


def test_several_sessions_are_one_part_each_and_one_file_with_all() -> None:
    three = [make_session(at(f"2026-12-{7 * n:02} 10:00"), number=n) for n in (1, 2, 3)]
    made = parts(three, **SENT)

    assert [part.method for part in made] == ["REQUEST", "REQUEST", "REQUEST", "PUBLISH"]
    assert [one.uid for part in made[:3] for one in read(part.content)] == [s.uid for s in three]
    together = read(made[3].content)
    assert [one.uid for one in together] == [one.uid for one in three]
    for found in Calendar.from_ical(made[3].content).walk("VEVENT"):
        assert "ATTENDEE" not in found, "nobody is invited by a file (RFC 5546, section 3.2.1)"
        assert "ORGANIZER" in found
    assert [part.method for part in parts(three[:1], **SENT)] == ["REQUEST"]


def test_sessions_over_a_new_year_carry_the_rules_of_both_years() -> None:
    """RFC 5545, section 3.6.5: the rules cover every time that names the zone."""
    over = [make_session(at("2026-12-31 23:30")), make_session(at("2027-11-07 01:30"), number=2)]
    text = published(over, organizer=ORGANIZER, url=URL)
    [rules] = Calendar.from_ical(text).walk("VTIMEZONE")
    walls = [one["DTSTART"].dt.isoformat() for one in rules.subcomponents]
    assert walls[0] == "2026-01-01T00:00:00"
    assert walls[-2:] == ["2027-03-14T02:00:00", "2027-11-07T02:00:00"]
    assert [one.start for one in read(text)] == [one.start for one in over]


def test_two_sites_in_two_zones_bring_the_rules_of_both() -> None:
    two = [make_session(), make_session(number=2, zone="America/New_York")]
    text = published(two, organizer=ORGANIZER, url=URL)
    assert [str(one["TZID"]) for one in Calendar.from_ical(text).walk("VTIMEZONE")] == [
        "America/Denver",
        "America/New_York",
    ]
    assert len(read(text)) == 2


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["clinic", "address"])
def test_a_hostile_name_or_place_stays_one_value(text: str, field: str) -> None:
    content = invitation(make_session(**{field: text}), **SENT).content
    [seen] = read(content)

    assert str(event(content)["ATTENDEE"]) == f"mailto:{ADA}"
    shown = seen.summary if field == "clinic" else seen.location
    assert shown.isprintable()


@given(clinic=st.text(max_size=200), address=st.text(max_size=300))
def test_any_text_at_all_can_be_read_back(clinic: str, address: str) -> None:
    [seen] = read(invitation(make_session(clinic=clinic, address=address), **SENT).content)
    assert seen.summary.isprintable()
    assert seen.location.isprintable()


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org, eve@example.org",
        "ada@example.org\r\nBcc: eve@example.org",
        "ada@example.org\rX",
        "Ada <ada@example.org>",
        "ada@example.org\u2028",
        "ada@@example.org",
        "ada",
        "",
    ],
)
def test_what_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not one mail address"):
        one_address(address)
    with pytest.raises(ValueError, match="not one mail address"):
        invitation(make_session(), organizer=ORGANIZER, attendee=address, url=URL)


def test_nothing_depends_on_assertions_being_on() -> None:
    """icalendar guards some values by `assert`, which `-O` removes."""
    program = (
        "import django; django.setup()\n"
        "from notifications.calendars.invitation import invitation\n"
        "from tests.notifications.calendars.sessions import SENT, make_session\n"
        f"for text in {HOSTILE!r}:\n"
        "    part = invitation(make_session(clinic=text, address=text), **SENT)\n"
        "    print(part.content.hex())\n"
    )
    done = subprocess.run(
        [sys.executable, "-O", "-c", program],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for text, printed in zip(HOSTILE, done.stdout.splitlines(), strict=True):
        here = invitation(make_session(clinic=text, address=text), **SENT).content
        assert bytes.fromhex(printed) == here


def test_a_feed_says_how_often_to_look_and_keeps_what_is_cancelled() -> None:
    two = [make_session(), make_session(number=2, sequence=1, cancelled=True)]
    content = feed(two, organizer=ORGANIZER, url=URL)

    assert [one.status for one in read(content)] == ["CONFIRMED", "CANCELLED"]
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in content
    assert b"\r\nX-PUBLISHED-TTL:PT1H\r\n" in content
    assert b"VALARM" not in content
    assert read(feed([], organizer=ORGANIZER, url=URL)) == []
