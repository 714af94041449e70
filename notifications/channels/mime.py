"""A letter as an e-mail: RFC 5322 outside, RFC 6047 for its calendar parts."""

from __future__ import annotations

from email.mime.text import MIMEText

from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notifications.calendars.invitation import PUBLISH, Part
from notifications.compose.letter import Letter
from notifications.core.address import one_address

FILE = "application/ics"


def email_of(letter: Letter, message_id: str) -> EmailMultiAlternatives:
    """Ready to be sent. One appointment's part stands beside the text, where mail programs look for
    it; several follow as files, each of one appointment, and one file has them all
    (docs/adr/0015-one-part-for-each-session.md). Raises ValueError where the address is not one."""
    mail = AnymailMessage(
        subject=letter.subject,
        body=letter.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[one_address(letter.recipient.address)],
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
    for part in letter.calendars:
        if part.method == PUBLISH:  # first: of a row of files it is the one to open
            mail.attach("appointments.ics", part.content, FILE)
    invitations = [part for part in letter.calendars if part.method != PUBLISH]
    if len(invitations) == 1:
        [part] = invitations
        # Without a charset of its own: Django adds one.
        mail.attach_alternative(part.content.decode(), f"text/calendar; method={part.method}")
        mail.attach("invite.ics", part.content, FILE)
    else:
        for number, part in enumerate(invitations, start=1):
            mail.attach(_file(part, f"appointment-{number}.ics"))
    return mail


def _file(part: Part, name: str) -> MIMEText:
    """One invitation of several. As `attachment`, so that no mail program takes the first of them
    for what the whole message is about."""
    made = MIMEText(part.content.decode(), "calendar", "utf-8")
    made.set_param("method", part.method)
    made.add_header("Content-Disposition", "attachment", filename=name)
    return made
