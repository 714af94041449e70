"""Calendar parts of messages: RFC 5545, exchanged by RFC 5546 and sent by RFC 6047.

A request or a cancellation speaks of one UID alone (RFC 5546, sections 3.2.2 and 3.2.5), so a
message about several appointments carries one part for each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress

from notifications.calendars.zones import add_zone, in_zone
from notifications.core.session import Session

PRODUCT = "-//Tremedy//Scheduler//EN"
REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
ALARM_BEFORE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Part:
    """One calendar object and its iTIP method."""

    method: str
    content: bytes


def parts(
    sessions: Iterable[Session], *, organizer: str, attendee: str, url: str, rsvp: bool = False
) -> list[Part]:
    """A request for each session that stands, a cancellation for each that does not. `rsvp`: we
    read what the attendee's calendar answers."""
    return [
        Part(
            CANCEL if one.cancelled else REQUEST,
            calendar(
                [one],
                method=CANCEL if one.cancelled else REQUEST,
                organizer=organizer,
                attendee=attendee,
                url=url,
                rsvp=rsvp,
            ),
        )
        for one in sessions
    ]


def calendar(
    sessions: Iterable[Session],
    *,
    method: str,
    organizer: str = "",
    attendee: str = "",
    url: str,
    rsvp: bool = False,
) -> bytes:
    """A whole VCALENDAR. The same revisions give the same bytes, whenever it is made."""
    shown = list(sessions)
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", method)
    for one in shown:
        made.add_component(event(one, organizer=organizer, attendee=attendee, url=url, rsvp=rsvp))
    add_zone(made, [(one.zone, one.start) for one in shown])
    return bytes(made.to_ical())


def event(
    session: Session, *, organizer: str = "", attendee: str = "", url: str, rsvp: bool = False
) -> Event:
    """One VEVENT. It says when and where, and nothing of why."""
    made = Event()
    made.add("uid", session.uid)
    made.add("dtstamp", session.revised_at)
    made.add("sequence", session.sequence)
    made.add("summary", summary(session))
    made.add("dtstart", in_zone(session.start, session.zone))
    made.add("dtend", in_zone(session.end, session.zone))
    made.add("status", "CANCELLED" if session.cancelled else "CONFIRMED")
    made.add("class", "PRIVATE")
    made.add("transp", "TRANSPARENT" if session.cancelled else "OPAQUE")
    if session.mode == "in_person" and session.address:
        made.add("location", one_line(session.address))
    made.add("url", url)
    if organizer:
        made.add("organizer", vCalAddress(f"mailto:{organizer}"))
    if attendee:
        who = vCalAddress(f"mailto:{attendee}")
        who.params["RSVP"] = "TRUE" if rsvp and not session.cancelled else "FALSE"
        who.params["PARTSTAT"] = "NEEDS-ACTION"
        who.params["ROLE"] = "REQ-PARTICIPANT"
        made.add("attendee", who)
    if not session.cancelled and attendee:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary(session))
        alarm.add("trigger", -ALARM_BEFORE)
        made.add_component(alarm)
    return made


def summary(session: Session) -> str:
    """What a calendar shows; neutral, for whoever looks over the shoulder."""
    return _("Appointment at %(clinic)s") % {"clinic": one_line(session.clinic)}


def one_line(text: str) -> str:
    """Lines joined, and without the characters that end lines or turn text around in calendars."""
    kept = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(kept.split())
