"""A letter as an e-mail: RFC 5322 outside, RFC 6047 for its calendar parts."""

from __future__ import annotations

from email.mime.text import MIMEText

from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notifications.calendars.invitation import Part
from notifications.compose.letter import Letter


def email_of(letter: Letter, message_id: str) -> EmailMultiAlternatives:
    """Ready to be sent. One appointment's part stands beside the text, as clients expect; several
    stand one after the other (RFC 6047, section 4.5)."""
    mail = AnymailMessage(
        subject=letter.subject,
        body=letter.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[letter.recipient.address],
        headers={
            "Message-ID": message_id,
            "Auto-Submitted": "auto-generated",
            **letter.headers,
        },
    )
    # A provider gives it back with each report, and a report names the message. SMTP ignores it.
    mail.metadata = {"message": message_id.strip("<>").partition("@")[0]}
    if letter.html:
        mail.attach_alternative(letter.html, "text/html")
    if len(letter.calendars) == 1:
        [part] = letter.calendars
        mail.attach_alternative(part.content.decode(), f"text/calendar; method={part.method}")
        mail.attach("invite.ics", part.content, "application/ics")
    else:
        for part in letter.calendars:
            mail.attach(_beside(part))
    return mail


def _beside(part: Part) -> MIMEText:
    made = MIMEText(part.content.decode(), "calendar", "utf-8")
    made.set_param("method", part.method)
    return made
