"""A sample as the letter that it would be. Nothing is written, and nothing in it acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.utils import translation

from notifications.compose.contents import portal
from notifications.compose.letter import Letter
from notifications.compose.recipient import Recipient
from notifications.compose.samples import FIRST_NAME, Sample, Scene
from notifications.compose.write import render
from notifications.core.kinds import BY_SMS, Channel
from notifications.models import Message
from scheduling.core.walltime import local_date
from scheduling.models import Site


def preview(
    sample: Sample,
    site: Site,
    *,
    language: str,
    address: str,
    now: datetime,
    channel: Channel = Channel.EMAIL,
) -> Letter:
    """The letter in that language, from that site, to that address. No query."""
    with translation.override(language):
        content = sample.make(Scene(site, _monday(now, site.timezone), now))
        message = Message(kind=sample.kind, channel=channel, site=site)
        links = dict.fromkeys(sample.acts, portal("plans"))
        recipient = Recipient(address, language, FIRST_NAME)
        return replace(render(message, content, recipient, links), headers={})


def is_texted(sample: Sample) -> bool:
    """Whether the message goes out as a text message too."""
    return sample.kind in BY_SMS


def _monday(now: datetime, zone: str) -> date:
    """A Monday, one to two weeks ahead."""
    today = local_date(now, zone)
    return today + timedelta(days=14 - today.weekday())
