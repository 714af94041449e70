"""Messages in a second through one sender, against a loop that only renders and sends the same
mails; and how long a hundred thousand events take to become messages.

Both loops talk to the same mail server, a process of its own on loopback. The floor has every row
in memory beforehand and only makes a mail of it and sends it: it asks no database whether the visit
still stands, and marks nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.utils import timezone, translation  # noqa: E402

from benchmarks.snapshots import scratch_database  # noqa: E402
from benchmarks.table import Row  # noqa: E402
from notifications.channels.mime import email_of  # noqa: E402
from notifications.compose import contents  # noqa: E402
from notifications.compose.known import known_of  # noqa: E402
from notifications.compose.letter import Content  # noqa: E402
from notifications.compose.recipient import recipient_of  # noqa: E402
from notifications.compose.write import render  # noqa: E402
from notifications.core.kinds import Status  # noqa: E402
from notifications.models import Message, PendingEvent  # noqa: E402
from notifications.operations.collect import collect_all  # noqa: E402
from notifications.operations.deliver import deliver  # noqa: E402
from scheduling.models import Appointment, Event, Site  # noqa: E402
from tests.notifications.bulk import make_due, make_visits  # noqa: E402
from tests.notifications.post_office import open_sink  # noqa: E402

MESSAGES, ROUNDS, GOAL = 300, 7, 0.5
EVENTS, EVENTS_GOAL_SECONDS = 100_000, 60
FORK = multiprocessing.get_context("fork")
LINKS = dict.fromkeys(("confirm", "cancel", "stop"), f"http://localhost:8000/m/{'x' * 43}/")
LIFE = (
    *("held", "booked", "moved", "attendance_accepted", "arrived"),
    *("in_progress", "recovering", "fulfilled", "rebound", "gate_closed"),
)
"""What one visit goes through: ten events, of which two are told."""


def rows() -> Iterator[Row]:
    """The measurements, as they are taken."""
    contents.is_quiet = lambda now, zone: False  # type: ignore[attr-defined]
    with scratch_database():
        yield _throughput()
        yield _collecting()


# --- Sending --------------------------------------------------------------------------------------


def _throughput() -> Row:
    with _server():
        pairs = [(_floor(), _ours()) for _round in range(ROUNDS)]
    ours, floor = max(pair[1] for pair in pairs), max(pair[0] for pair in pairs)
    ratio = sorted(own / bare for bare, own in pairs)[ROUNDS // 2]
    return Row(
        "reminders sent by one process",
        f"{ours:.0f}/s",
        f"ratio >= {GOAL}",
        f"{ratio:.2f} of rendering and sending ({floor:.0f}/s)",
        ratio >= GOAL,
    )


def _due() -> list[Message]:
    Message.objects.all().delete()
    start = timezone.now() + timedelta(hours=24)
    visits = list(Appointment.objects.all()[:MESSAGES])
    if not visits:
        visits = make_visits(MESSAGES, start, site=Site.objects.first())
    make_due(visits, timezone.now() - timedelta(minutes=1))
    return list(
        Message.objects.filter(status=Status.SCHEDULED).select_related(
            *("patient__user", "user", "site", "care_plan"),
            *("appointment__site", "appointment__service"),
        )
    )


def _ours() -> float:
    waiting = len(_due())
    began = time.perf_counter()
    sent = deliver(seconds=300).sent
    took = time.perf_counter() - began
    assert sent == waiting, (sent, waiting)
    return sent / took


def _floor() -> float:
    known = [(message, known_of(message)) for message in _due()]
    began = time.perf_counter()
    with (
        smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as server,
        translation.override("en"),
    ):
        for message, facts in known:
            content = contents.content_of(message, facts, timezone.now())
            assert isinstance(content, Content)
            recipient = recipient_of(message, facts)
            mail = email_of(render(message, content, recipient, LINKS), message.message_id)
            server.sendmail(
                "appointments@localhost",
                [recipient.address],
                mail.message().as_bytes(linesep="\r\n"),
            )
    return len(known) / (time.perf_counter() - began)


@contextmanager
def _server() -> Iterator[None]:
    """The mail server, in a process of its own."""
    here, there = FORK.Pipe()
    child = FORK.Process(target=_serve, args=(there,), daemon=True)
    child.start()
    settings.EMAIL_BACKEND = "notifications.channels.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", here.recv()
    try:
        yield
    finally:
        child.terminate()
        child.join()


def _serve(parent: Connection) -> None:
    with open_sink():
        parent.send(settings.EMAIL_PORT)
        time.sleep(3600)


# --- Collecting -----------------------------------------------------------------------------------


def _collecting() -> Row:
    start = timezone.now() + timedelta(days=20)
    visits = make_visits(EVENTS // len(LIFE), start, site=Site.objects.first())
    now = timezone.now()
    for first in range(0, len(visits), 1000):
        Event.objects.bulk_create(
            Event(
                at=now,
                actor_label="sweep",
                verb=verb,
                patient_id=one.patient_id,
                appointment=one,
                facts={"from": (start - timedelta(days=1)).isoformat()} if verb == "moved" else {},
            )
            for one in visits[first : first + 1000]
            for verb in LIFE
        )
    waiting = PendingEvent.objects.count()
    began = time.perf_counter()
    read = collect_all(now)
    took = time.perf_counter() - began
    assert read == waiting >= EVENTS, (read, waiting)
    floor = _read_only(now)
    return Row(
        f"{read:,} events become messages",
        f"{took:.1f} s",
        f"< {EVENTS_GOAL_SECONDS} s",
        f"{took / floor:.1f} x reading them ({floor:.1f} s)",
        took < EVENTS_GOAL_SECONDS,
    )


def _read_only(now: object) -> float:
    """Seconds to read the same rows, and do nothing."""
    began = time.perf_counter()
    for _row in Event.objects.values_list("id", "verb", "appointment_id", "facts").iterator():
        pass
    return time.perf_counter() - began
