"""Letters on the wire, read back from their bytes."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from django.core.mail import BadHeaderError

from notifications.calendars.invitation import parts
from notifications.channels.mime import email_of
from notifications.compose.letter import Letter
from notifications.compose.recipient import Recipient
from tests.factories import at
from tests.notifications.arrived import Arrived, arrived
from tests.notifications.calendars.sessions import ADA, SENT, make_session
from tests.notifications.reading import read

MESSAGE_ID = "<1@clinic.example>"


def sent(count: int, *, cancelled: int = 0) -> Arrived:
    """A letter about that many sessions; the last `cancelled` of them are off."""
    sessions = [
        make_session(
            at(f"2026-12-{n + 1:02} 10:00"),
            number=n + 1,
            cancelled=n >= count - cancelled,
            clinic="Clínica",
        )
        for n in range(count)
    ]
    return arrived(email_of(letter(calendars=tuple(parts(sessions, **SENT))), MESSAGE_ID))


def letter(*, to: str = ADA, subject: str = "Your appointment", **more: object) -> Letter:
    return Letter(Recipient(to, "en"), subject, "Text\n", "Text", "<p>Text</p>", **more)  # type: ignore[arg-type]


def shape(message: EmailMessage) -> object:
    """Content types, as they are nested."""
    if message.is_multipart():
        return {message.get_content_type(): [shape(part) for part in message.iter_parts()]}
    return message.get_content_type()


def test_one_appointment_stands_beside_the_text_as_the_last_choice() -> None:
    mail = sent(1)
    assert shape(mail.message) == {
        "multipart/mixed": [
            {"multipart/alternative": ["text/plain", "text/html", "text/calendar"]},
            "application/ics",
        ]
    }
    [(method, content)], [(name, file)] = mail.parts, mail.files
    assert (method, name) == ("REQUEST", "invite.ics")
    assert content == file
    assert [seen.method for seen in read(content)] == ["REQUEST"]


def test_a_cancellation_says_so_in_its_type_too() -> None:
    [(method, content)] = sent(1, cancelled=1).parts
    [seen] = read(content)
    assert method == seen.method == "CANCEL"


def test_a_course_is_one_file_with_all_and_one_for_each() -> None:
    mail = sent(3, cancelled=1)
    assert shape(mail.message) == {
        "multipart/mixed": [
            {"multipart/alternative": ["text/plain", "text/html"]},
            "application/ics",
            "text/calendar",
            "text/calendar",
            "text/calendar",
        ]
    }
    [(name, all_)] = mail.files
    assert name == "appointments.ics"
    assert [seen.status for seen in read(all_)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [method for method, _content in mail.parts] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [len(read(content)) for _method, content in mail.parts] == [1, 1, 1]
    dispositions = [part["Content-Disposition"] for part in mail.message.iter_attachments()]
    assert all(str(one).startswith("attachment") for one in dispositions)


def test_a_letter_without_appointments_has_no_calendar() -> None:
    mail = arrived(email_of(letter(), MESSAGE_ID))
    assert shape(mail.message) == {"multipart/alternative": ["text/plain", "text/html"]}


def test_the_bytes_are_the_same_however_often_it_is_sent() -> None:
    assert sent(2).parts == sent(2).parts


@pytest.mark.parametrize(
    "address", ["ada@example.org, eve@example.org", "ada@example.org\r\nBcc: eve@example.org"]
)
def test_two_addresses_in_one_field_go_to_nobody(address: str) -> None:
    with pytest.raises(ValueError, match="not one mail address"):
        email_of(letter(to=address), MESSAGE_ID)


def test_a_line_end_in_a_subject_begins_no_header() -> None:
    made = email_of(letter(subject="Hello\r\nBcc: eve@example.org"), MESSAGE_ID)
    with pytest.raises(BadHeaderError):
        made.message()
