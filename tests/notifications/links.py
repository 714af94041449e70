"""The links that act in what a patient was sent, and what following them does."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse
from django.test import Client
from time_machine import travel

from scheduling.models import Appointment
from tests.factories import at
from tests.notifications.post import Post

WORDS = {
    "confirm": "I will come",
    "cancel": "I cannot come",
    "stop": "Stop reminders",
    "undo": "Keep this appointment",
}
START = "2026-12-07 10:00"
CANARIES = ("Ada", "Byron", "Tess", "Stone", "Quinn", "infusion", "ketamine", "therapy", "talk")
"""Names and treatments that no page may show to whoever only has an address."""


def link_in(sent: EmailMultiAlternatives, purpose: str) -> str:
    """The path of a link in the mail; empty where it has none for that."""
    found = re.search(rf"^{WORDS[purpose]}: (http\S+/m/\S+)$", sent.body, re.M)
    return urlsplit(found.group(1)).path if found else ""


def reminded(post: Post) -> tuple[Appointment, EmailMultiAlternatives]:
    """A session, and the reminder of the day before, at which time `post` then stands."""
    session = post.book("prep.1", at(START))
    post.run()
    post.now = at(START) - timedelta(days=1)
    [sent] = post.run()
    return session, sent


def press(path: str, act: str, post: Post, **more: str) -> HttpResponse:
    """Send the form of the page, in a browser that knows nothing."""
    with travel(post.now, tick=False):
        return Client(enforce_csrf_checks=True).post(path, {"act": act, **more}, follow=True)


def look(path: str, post: Post, method: str = "get") -> HttpResponse:
    with travel(post.now, tick=False):
        return getattr(Client(enforce_csrf_checks=True), method)(path)


def words(answer: HttpResponse) -> str:
    """What a reader sees, without tags."""
    text = re.sub(r"<(style|script).*?</\1>", "", answer.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())
