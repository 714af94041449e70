"""Replies as calendars send them, and as somebody with bad intent might."""

from __future__ import annotations

from email.message import EmailMessage

from django.conf import settings

from scheduling.models import Appointment

ADA = "ada@example.org"


def calendar(
    session: Appointment,
    answer: str = "ACCEPTED",
    *,
    attendee: str = ADA,
    sequence: int | None = None,
    stamped: str = "20261123T190000Z",
    method: str = "REPLY",
    uid: str = "",
) -> str:
    """The shape that Google, Apple and Outlook share."""
    uid = uid or f"{session.pk}@{settings.CALENDAR_DOMAIN}"
    revision = session.sequence if sequence is None else sequence
    return "\r\n".join(
        [
            *("BEGIN:VCALENDAR", "PRODID:-//Example//Calendar//EN", "VERSION:2.0"),
            *(f"METHOD:{method}", "BEGIN:VEVENT", f"UID:{uid}", f"SEQUENCE:{revision}"),
            *(f"DTSTAMP:{stamped}", "DTSTART:20261207T170000Z", "DTEND:20261207T175000Z"),
            f"ATTENDEE;CN=Ada;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};RSVP=TRUE:mailto:{attendee}",
            *("ORGANIZER:mailto:appointments@localhost", "SUMMARY:Accepted: Appointment"),
            *("END:VEVENT", "END:VCALENDAR", ""),
        ]
    )


def reply_mail(
    content: str | bytes, *, sender: str = ADA, message_id: str = "<1@mail.example.org>"
) -> bytes:
    """The calendar beside a text, in a mail."""
    mail = EmailMessage()
    mail["From"] = f"Ada <{sender}>"
    mail["To"] = "appointments@localhost"
    mail["Subject"] = "Accepted: Appointment"
    if message_id:
        mail["Message-ID"] = message_id
    mail.set_content("Ada has accepted this invitation.")
    raw = content if isinstance(content, bytes) else content.encode()
    mail.add_alternative(raw, "text", "calendar", params={"method": "REPLY"})
    return mail.as_bytes()
