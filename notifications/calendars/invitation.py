"""Calendar parts of messages: RFC 5545, exchanged by RFC 5546 and sent by RFC 6047.

A request or a cancellation speaks of one UID alone (RFC 5546, sections 3.2.2 and 3.2.5), so a
message about several appointments carries one part for each, and one file with all of them
(docs/adr/0015-one-part-for-each-session.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress

from notifications.calendars.zones import add_zones, in_zone
from notifications.core.address import one_address
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
    """A request for each session that stands, a cancellation for each that does not; last, where
    there are several, all of them published in one. `rsvp`: we read what the attendee's calendar
    answers. Raises ValueError for an unknown zone and for what is not one address."""
    shown = list(sessions)
    found = [
        invitation(one, organizer=organizer, attendee=attendee, url=url, rsvp=rsvp) for one in shown
    ]
    if len(shown) > 1:
        found.append(Part(PUBLISH, published(shown, organizer=organizer, url=url)))
    return found


def invitation(
    session: Session, *, organizer: str, attendee: str, url: str, rsvp: bool = False
) -> Part:
    """What one session's calendar entry is to become."""
    method = CANCEL if session.cancelled else REQUEST
    made = event(session, organizer=organizer, url=url, alarm=True)
    who = vCalAddress(f"mailto:{one_address(attendee)}")
    who.params["ROLE"] = "REQ-PARTICIPANT"
    who.params["PARTSTAT"] = "NEEDS-ACTION"
    who.params["RSVP"] = "TRUE" if rsvp and not session.cancelled else "FALSE"
    made.add("attendee", who)
    return Part(method, calendar([session], [made], method=method))


def published(sessions: Iterable[Session], *, organizer: str, url: str) -> bytes:
    """Sessions to be put into a calendar by hand; nobody is invited."""
    shown = list(sessions)
    events = [event(one, organizer=organizer, url=url, alarm=True) for one in shown]
    return calendar(shown, events, method=PUBLISH)


def calendar(
    sessions: Iterable[Session],
    events: Iterable[Event],
    *,
    method: str,
    about: Iterable[tuple[str, object, dict[str, str]]] = (),
) -> bytes:
    """A whole VCALENDAR. The same revisions give the same bytes, whenever it is made. `about`:
    further properties of the calendar itself, each with its parameters."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", method)
    for name, value, parameters in about:
        made.add(name, value, parameters=parameters)
    for one in events:
        made.add_component(one)
    add_zones(made, [(one.zone, at) for one in sessions for at in (one.start, one.end)])
    return bytes(made.to_ical())


def event(session: Session, *, organizer: str, url: str, alarm: bool) -> Event:
    """One VEVENT. It says when and where, and nothing of why or with whom."""
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
    address = one_line(session.address)
    if session.mode == "in_person" and address:
        made.add("location", address)
    made.add("url", url)
    made.add("organizer", vCalAddress(f"mailto:{one_address(organizer)}"))
    if alarm and not session.cancelled:
        made.add_component(_alarm(session))
    return made


def summary(session: Session) -> str:
    """What a calendar shows; neutral, for whoever looks over the shoulder."""
    return _("Appointment at %(clinic)s") % {"clinic": one_line(session.clinic)}


def one_line(text: str) -> str:
    """Lines joined, and without the characters that end lines or turn text around in calendars."""
    kept = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(kept.split())


def _alarm(session: Session) -> Alarm:
    made = Alarm()
    made.add("action", "DISPLAY")
    made.add("description", summary(session))
    made.add("trigger", -ALARM_BEFORE)
    return made
