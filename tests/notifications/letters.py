"""Samples of messages as letters, of a clinic whose dates are as long as dates get."""

from __future__ import annotations

from notifications.compose.letter import Letter
from notifications.compose.preview import preview
from notifications.compose.samples import SAMPLES
from notifications.core.kinds import Channel
from scheduling.models import Site
from tests.factories import ZONE, at

LANGUAGES = ("en", "es")
LONG_DAYS = at("2026-09-08 12:00")
"""The samples then play from the 21st on: Wednesdays in September are the longest of days."""


def make_site(**fields: str) -> Site:
    """Not written to the database."""
    known = {
        "slug": "cedar",
        "name": "Ketamine and Psychotherapy Institute",
        "neutral_name": "Cedar Street Clinic",
        "address": "214 Cedar Street, Suite 3\nDenver, CO 80203",
        "phone": "+1 (303) 555-0100",
        "timezone": ZONE,
    }
    return Site(**(known | fields))


def letter_of(
    name: str, language: str = "en", *, site: Site | None = None, channel: Channel = Channel.EMAIL
) -> Letter:
    """A sample as it would go out."""
    return preview(
        SAMPLES[name],
        site or make_site(),
        language=language,
        address="mia@example.org",
        now=LONG_DAYS,
        channel=channel,
    )


def everything(letter: Letter) -> str:
    """All that somebody else could read in it."""
    parts = [part.content.decode().replace("\r\n ", "") for part in letter.calendars]
    return "\n".join([letter.subject, letter.text, letter.html, *parts])
