"""A whole run of messages, and where names and treatments must not be found afterwards."""

from __future__ import annotations

import logging
import re

import pytest
import redis
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notifications import tasks
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from scheduling.operations.reschedule import reschedule
from tests.factories import at, make_user
from tests.notifications.post import Post, make_post

pytestmark = pytest.mark.django_db(transaction=True)

CANARIES = ("Quetzalina", "Xochimilco", "Tess Stone", "Nurse Quinn", "Dr Pell")
TREATMENT = ("ketamine", "infusion", "therap", "psych", "depress", "spravato", "fasting", "a ride")
"""Neither whole names nor words of treatment; the first name may stand in the text alone."""


def everything_sent() -> tuple[Post, list[EmailMultiAlternatives]]:
    """A course with a treatment: booked, reminded of, moved, cancelled, with questions."""
    post = make_post()
    post.patient.given_name, post.patient.family_name = "Quetzalina", "Xochimilco"
    post.patient.save()
    desk = Actor.of(make_user("", "front_desk"))
    talk = post.book("prep.1", at("2026-12-02 10:00"))
    infusion = post.book("inf.1", at("2026-12-08 09:00"), talk=False)
    sent = post.run()
    post.now = at("2026-12-01 12:00")
    sent += post.run()
    reschedule(
        actor=desk, appointment=talk, start=at("2026-12-03 11:00"), version=None, now=post.now
    )
    sent += post.run()
    post.now = at("2026-12-07 12:00")
    sent += post.run()
    cancel(actor=desk, appointment=infusion, reason="clinic", version=None, now=post.now)
    sent += post.run()
    return post, sent


def test_names_and_treatment_stand_nowhere_but_the_first_name_in_the_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.flushdb()
        _post, sent = everything_sent()
        for task in (tasks.collect, tasks.deliver, tasks.schedule, tasks.ask, tasks.webhooks):
            task.delay()
        queued = b"".join(broker.dump(key) or b"" for key in broker.keys("*")).decode("latin-1")
        broker.flushdb()

    assert {one.subject for one in sent} >= {
        "Your appointments are booked",
        "Appointment reminder",
        "Your appointment has changed",
        "Your appointment is cancelled",
    }
    for mail in sent:
        message = mail.message()
        headers = "\n".join(f"{name}: {value}" for name, value in message.items())
        calendars = b"".join(
            part.get_payload(decode=True)
            for part in message.walk()
            if part.get_content_type() in ("text/calendar", "application/ics")
        ).decode()
        addresses = " ".join(re.findall(r"https?://\S+", mail.body))
        for hidden in (headers, calendars, addresses):
            assert found(hidden, CANARIES + TREATMENT) == []
        assert found(mail.body, CANARIES[1:] + TREATMENT) == []
    assert found(caplog.text, CANARIES + TREATMENT) == []
    assert found(queued, CANARIES) == []


def found(text: str, words: tuple[str, ...]) -> list[str]:
    """Those of the words that stand in the text."""
    return [word for word in words if word.lower() in text.lower()]
