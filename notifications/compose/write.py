"""Content becomes a letter: in its reader's language, as plain text, as HTML, for calendars."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from notifications.calendars.invitation import Part, one_line, parts
from notifications.compose.calendar import organizer
from notifications.compose.contents import content_of, portal, reading
from notifications.compose.known import Known
from notifications.compose.letter import Content, Drop, Letter, Wait
from notifications.compose.recipient import Recipient, UnreachableError, recipient_of
from notifications.compose.sms_text import plain, shortened
from notifications.compose.timetable import NO_BREAK, street
from notifications.core.kinds import RULES, Channel, Kind, Status
from notifications.models import Message, Purpose
from scheduling.models import Appointment
from scheduling.selectors.undo import undo_deadline

GAPS = re.compile(r"\n{3,}")
ACTING = re.compile(r"\S*/m/[\w-]{20,}/")
MakeLink = Callable[[Purpose, Appointment | None, datetime], str]
"""Makes the address of one act, which works until the given instant."""
STOP_VALID = timedelta(days=365)


def write(
    message: Message, known: Known, now: datetime, make_link: MakeLink | None
) -> Letter | Drop | Wait:
    """The message as it would go out `now`, or why it does not. Without `make_link` nothing in it
    acts: for a preview."""
    try:
        recipient = recipient_of(message, known)
    except UnreachableError as error:
        return Drop(Status.SUPPRESSED, error.reason)
    with translation.override(recipient.language):
        content = content_of(message, known, now)
        if not isinstance(content, Content):
            return content
        links = _links(message, content, recipient, now, make_link)
        return render(message, content, recipient, links)


def render(
    message: Message, content: Content, recipient: Recipient, links: Mapping[str, str]
) -> Letter:
    """The letter, in the language that is active."""
    context = _context(message, content, recipient, links)
    texted = message.channel == Channel.SMS
    name = f"notifications/{'sms' if texted else 'mail'}/{content.template}"
    words = render_to_string(f"{name}.txt", context).replace(NO_BREAK, " ").strip()
    words = GAPS.sub("\n\n", words)
    text = plain(words) if texted else f"{words}\n"
    stop = links.get("stop")
    return Letter(
        recipient=recipient,
        subject=one_line(content.subject),
        text=text,
        kept=ACTING.sub("…", text),
        html="" if texted else str(render_to_string(f"{name}.html", context)),
        calendars=_calendars(content, recipient) if message.channel == Channel.EMAIL else (),
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        if stop and message.channel == Channel.EMAIL
        else {},
        told={str(one.id): one.sequence for one in content.sessions},
    )


def _context(
    message: Message, content: Content, recipient: Recipient, links: Mapping[str, str]
) -> dict[str, Any]:
    site = message.site
    clinic, phone = one_line(site.neutral_name), one_line(site.phone)
    return {
        **content.values,
        "subject": content.subject,
        "name": one_line(recipient.first_name),
        "language": recipient.language,
        "clinic": clinic,
        "phone": phone,
        "digits": "".join(one for one in phone if one in "+0123456789"),
        "address": street(site.address),
        "brief": shortened(clinic),
        "sessions": content.sessions,
        "links": links,
        "portal": portal("plans"),
        "reading": reading(),
        "stoppable": RULES[Kind(message.kind)].stops,
        "staff": message.kind == Kind.STAFF_DIGEST,
        "has_calendar": bool(content.calendar) and not recipient.shared,
    }


def _links(
    message: Message,
    content: Content,
    recipient: Recipient,
    now: datetime,
    make_link: MakeLink | None,
) -> dict[str, str]:
    """What the reader can do from the message itself: nothing where others read it too."""
    texted = message.channel == Channel.SMS  # a text has no room for them
    if make_link is None or texted or recipient.shared or message.patient_id is None:
        return {}
    found: dict[str, str] = {}
    about, session = message.appointment, content.acts_on
    if about is not None and session is not None and not session.cancelled:
        if not content.values.get("confirmed"):
            found["confirm"] = make_link(Purpose.CONFIRM, about, session.start)
        if len(content.sessions) == 1:  # of several, one would have to be chosen: behind sign-in
            found["cancel"] = make_link(Purpose.CANCEL, about, session.start)
    if session is not None and session.cancelled:
        given_up = Appointment.objects.select_related("care_plan__site", "care_plan__patient").get(
            pk=session.id
        )
        until = undo_deadline(given_up, now)
        if until is not None:
            found["undo"] = make_link(Purpose.UNDO, given_up, until)
    if RULES[Kind(message.kind)].stops:
        found["stop"] = make_link(Purpose.STOP, None, now + STOP_VALID)
    return found


def _calendars(content: Content, recipient: Recipient) -> tuple[Part, ...]:
    if recipient.shared or not content.calendar:
        return ()
    made = parts(
        content.calendar,
        organizer=organizer(),
        attendee=recipient.address,
        url=portal("plans"),
        rsvp=settings.CALENDAR_REPLIES,
    )
    return tuple(made)
