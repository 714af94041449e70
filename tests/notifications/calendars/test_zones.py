"""The rules of a zone beside the events, against the zone itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from icalendar import Calendar, Timezone

from notifications.calendars.zones import in_zone, onsets, zone_rules

ZONES = [
    "America/Denver",
    "America/Phoenix",
    "Europe/Dublin",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
]
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("name", ZONES)
def test_each_change_of_twenty_years_stands_at_its_own_second(name: str) -> None:
    zone, changes = ZoneInfo(name), 0
    for onset in list(onsets(name, 2010, 2030))[1:]:
        instant = (onset.wall - onset.before).replace(tzinfo=UTC)
        before, after = instant - timedelta(seconds=1), instant
        assert before.astimezone(zone).utcoffset() == onset.before
        assert after.astimezone(zone).utcoffset() == onset.after
        assert after.astimezone(zone).tzname() == onset.name
        changes += 1
    assert changes == _changes(zone)


def _changes(zone: ZoneInfo) -> int:
    """Counted hour by hour."""
    end = datetime(2031, 1, 1, tzinfo=zone).astimezone(UTC)
    at, count = datetime(2010, 1, 1, tzinfo=zone).astimezone(UTC), 0
    while at < end:
        count += at.astimezone(zone).utcoffset() != (at + 60 * MINUTE).astimezone(zone).utcoffset()
        at += 60 * MINUTE
    return count


def test_summer_time_begins_in_the_offset_that_held_before() -> None:
    text = zone_rules("America/Denver", 2027, 2027).to_ical().decode()
    assert "DTSTART:20270314T020000" in text
    assert "DTSTART:20271107T020000" in text


@pytest.mark.parametrize("wall", ["2027-03-14 01:59", "2027-03-14 03:00", "2027-03-14 03:59"])
@pytest.mark.parametrize("day", ["2027-11-07 00:59", "2027-11-07 02:00"])
def test_readers_that_know_no_zones_read_the_rules_alone(wall: str, day: str) -> None:
    for reading in (wall, day):
        expected = datetime.fromisoformat(reading).replace(tzinfo=ZoneInfo("America/Denver"))
        text = _calendar(zone_rules("America/Denver", 2027, 2027), reading)
        by_icalendar = Calendar.from_ical(text).walk("VTIMEZONE")[0].to_tz(lookup_tzid=False)
        by_vobject = vobject.readOne(text).vevent.dtstart.value

        shown = expected.astimezone(UTC).astimezone(by_icalendar)
        assert shown.strftime("%Y-%m-%d %H:%M") == reading
        assert by_vobject.astimezone(UTC) == expected.astimezone(UTC)


def test_the_librarys_own_rules_are_an_hour_wrong_after_the_change() -> None:
    """The control: with the onset in the new offset a reader shows a time that does not exist."""
    zone = ZoneInfo("America/Denver")
    theirs = Timezone.from_tzinfo(zone, "America/Denver", date(2027, 1, 1), date(2028, 1, 1))
    read = theirs.to_tz(lookup_tzid=False)
    assert datetime(2027, 3, 14, 9, 30, tzinfo=UTC).astimezone(read).hour == 2


def _calendar(rules: Timezone, wall: str) -> str:
    """With a name that no reader can look up."""
    stamp = wall.replace("-", "").replace(" ", "T").replace(":", "") + "00"
    made = Calendar()
    made.add("prodid", "-//Test//EN")
    made.add("version", "2.0")
    made.add_component(rules)
    event = (
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART;TZID=America/Denver:{stamp}\r\nEND:VEVENT\r\n"
    )
    text = made.to_ical().decode().replace("END:VCALENDAR", f"{event}END:VCALENDAR")
    return text.replace("America/Denver", f"Nowhere/{stamp}")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "America", "UTC\r\nX:1"])
def test_a_zone_that_does_not_exist_is_said_clearly(zone: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        in_zone(datetime(2027, 1, 1, tzinfo=UTC), zone)


def test_a_time_without_a_zone_never_becomes_a_floating_one() -> None:
    with pytest.raises(ValueError, match="an instant needs a zone"):
        in_zone(datetime(2027, 1, 1), "America/Denver")  # noqa: DTZ001 - that is the point


def test_an_hour_that_comes_twice_is_named_in_utc_the_second_time() -> None:
    first = datetime(2027, 11, 7, 7, 30, tzinfo=UTC)
    assert in_zone(first, "America/Denver").isoformat() == "2027-11-07T01:30:00-06:00"
    second = first + 60 * MINUTE
    assert in_zone(second, "America/Denver").isoformat() == "2027-11-07T08:30:00+00:00"
