"""Content becomes a letter: in its reader's language, as plain text, as HTML, for calendars."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any

from css_inline import CSSInliner
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from notifications.calendars.invitation import Part, one_line, parts
from notifications.compose.contents import content_of, portal
from notifications.compose.letter import Content, Drop, Letter, Wait
from notifications.compose.recipient import Recipient, UnreachableError, recipient_of
from notifications.core.kinds import RULES, Channel, Kind, Status
from notifications.models import Message, Purpose
from scheduling.core.walltime import load_zone
from scheduling.models import Appointment
from scheduling.selectors.undo import undo_deadline

STYLES = Path(__file__).resolve().parent.parent / "styles" / "mail.css"
ACTING = re.compile(r"\S*/m/[\w-]{20,}/")
MakeLink = Callable[[Purpose, Appointment | None, datetime], str]
"""Makes the address of one act, which works until the given instant."""
STOP_VALID = timedelta(days=365)


def write(message: Message, now: datetime, make_link: MakeLink | None) -> Letter | Drop | Wait:
    """The message as it would go out `now`, or why it does not. Without `make_link` nothing in it
    acts: for a preview."""
    try:
        recipient = recipient_of(message)
    except UnreachableError as error:
        return Drop(Status.SUPPRESSED, error.reason)
    with translation.override(recipient.language):
        content = content_of(message, now)
        if not isinstance(content, Content):
            return content
        links = _links(message, content, recipient, now, make_link)
        return render(message, content, recipient, links)


def render(
    message: Message, content: Content, recipient: Recipient, links: Mapping[str, str]
) -> Letter:
    """The letter, in the language that is active."""
    context = _context(message, content, recipient, links)
    name = f"notifications/{'sms' if message.channel == Channel.SMS else 'mail'}/{content.template}"
    with timezone.override(load_zone(message.site.timezone)):
        text = render_to_string(f"{name}.txt", context).strip() + "\n"
        html = "" if message.channel == Channel.SMS else _inline(name, context)
    stop = links.get("stop")
    return Letter(
        recipient=recipient,
        subject=one_line(content.subject),
        text=text,
        kept=ACTING.sub("…", text),
        html=html,
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
    return {
        **content.values,
        "subject": content.subject,
        "name": one_line(recipient.first_name),
        "language": recipient.language,
        "clinic": one_line(site.neutral_name),
        "phone": one_line(site.phone),
        "address": one_line(site.address),
        "sessions": content.sessions,
        "links": links,
        "portal": portal("plans"),
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
    if make_link is None or recipient.shared or message.patient_id is None:
        return {}
    found: dict[str, str] = {}
    about, session = message.appointment, content.acts_on
    if about is not None and session is not None and not session.cancelled:
        if not content.values.get("confirmed"):
            found["confirm"] = make_link(Purpose.CONFIRM, about, session.start)
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
    organizer = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    url = portal("plans")
    return tuple(
        parts(
            content.calendar,
            organizer=organizer,
            attendee=recipient.address,
            url=url,
            rsvp=settings.CALENDAR_REPLIES,
        )
    )


def _inline(name: str, context: Mapping[str, Any]) -> str:
    return str(_inliner().inline(render_to_string(f"{name}.html", context)))


@cache
def _inliner() -> CSSInliner:
    """Rules become attributes, as mail programs drop style sheets; what only a sheet can say (dark
    colours, small screens) is kept in one as well."""
    return CSSInliner(
        extra_css=STYLES.read_text(),
        keep_style_tags=True,
        keep_at_rules=True,
        load_remote_stylesheets=False,
    )
