"""Senders are killed at random: nothing is lost, nothing is sent twice, what is unsure is said.

`make soak` takes 10,000 reminders, six senders and 200 kills; the gate a small part of it. Each
control marks at another moment, as most products do, and shows what that costs.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from notifications.channels.email import Mailer
from notifications.channels.mime import email_of
from notifications.compose.known import known_of
from notifications.compose.letter import Letter
from notifications.compose.write import write
from notifications.core.kinds import Status
from notifications.models import Message
from notifications.operations import recover as recovering
from notifications.operations.deliver import deliver
from notifications.operations.recover import recover
from scheduling.models import StaffTask
from tests.conftest import SOAK
from tests.notifications.bulk import make_due, make_visits
from tests.notifications.post_office import Send, Sink, open_sink, work_under_kills

REMINDERS, KILLS = (10_000, 200) if SOAK else (360, 16)
SENDERS = 6
LATENCY = 0.03 if SOAK else 0.06
WITH = ("patient__user", "user", "site", "care_plan", "appointment__site", "appointment__service")
FLAGGED_WITHIN = 60
BETWEEN = LATENCY / 2
"""What a job does between sending and marking takes it this long: a kill in it must not be rare."""

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]


@pytest.fixture(autouse=True)
def waking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run may happen at any hour; quiet hours have tests of their own."""
    monkeypatch.setattr("notifications.compose.contents.is_quiet", lambda now, zone: False)


def send_a_while() -> None:
    deliver(seconds=5)


def report(sink: Sink, killed: int) -> dict[str, int]:
    ids = Counter(sink.ids())
    by_status = Counter(Message.objects.values_list("status", flat=True))
    said = {one.message_id for one in Message.objects.filter(status=Status.SENT)}
    flagged = {one.message_id for one in Message.objects.filter(status=Status.AMBIGUOUS)}
    found = {
        "kills": killed,
        "accepted": len(ids),
        "twice": sum(count - 1 for count in ids.values()),
        "lost": len(said - set(ids)),
        "unaccounted": len(set(ids) - said - flagged),
        "ambiguous": by_status[Status.AMBIGUOUS],
        "unfinished": by_status[Status.SCHEDULED] + by_status[Status.SENDING],
    }
    print(found)
    return found


def run(send: Send, *, flags: bool = True) -> dict[str, int]:
    visits = make_visits(REMINDERS, timezone.now() + timedelta(hours=24))
    make_due(visits, timezone.now() - timedelta(minutes=1))
    _letter(Message.objects.select_related(*WITH)[0])  # templates are compiled before the forks
    with open_sink(LATENCY) as sink:
        killed = work_under_kills(
            send,
            processes=SENDERS,
            kills=KILLS,
            every=0.12,
            until=lambda: not Message.objects.filter(status=Status.SCHEDULED).exists(),
            between=(lambda: recover(timezone.now())) if flags else None,
        )
        if flags:
            _flag_the_rest()
        return report(sink, killed)


def _flag_the_rest() -> None:
    over = time.monotonic() + FLAGGED_WITHIN
    while Message.objects.filter(status=Status.SENDING).exists():
        assert time.monotonic() < over, "not flagged in time"
        recover(timezone.now())
        time.sleep(0.5)


def test_nothing_is_lost_or_sent_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovering, "GRACE", timedelta(seconds=2))

    found = run(send_a_while)

    assert found["lost"] == found["twice"] == found["unaccounted"] == found["unfinished"] == 0
    assert 0 < found["ambiguous"] <= found["kills"] + SENDERS  # the last six are ended too
    asked = StaffTask.objects.filter(kind="message_unsure", finished_at=None)
    assert asked.count() == found["ambiguous"]


def test_marking_after_sending_doubles() -> None:
    """Control: send, then mark, as a reminder job without a ledger does."""
    assert run(_mark_after, flags=False)["twice"] > 0


def test_marking_before_sending_loses() -> None:
    """Control: mark, then send."""
    assert run(_mark_before, flags=False)["lost"] > 0


def _mark_after() -> None:
    with Mailer() as mailer:
        mailer.open()
        for _ in range(200):
            with transaction.atomic():
                message = _next()
                if message is None:
                    return
                letter = _letter(message)
                mailer.send(email_of(letter, message.message_id))
                time.sleep(BETWEEN)
                _mark(message, letter)


def _mark_before() -> None:
    with Mailer() as mailer:
        mailer.open()
        for _ in range(200):
            with transaction.atomic():
                message = _next()
                if message is None:
                    return
                letter = _letter(message)
                _mark(message, letter)
            time.sleep(BETWEEN)
            mailer.send(email_of(letter, message.message_id))


def _next() -> Message | None:
    rows = Message.objects.select_for_update(skip_locked=True, of=("self",)).select_related(*WITH)
    return rows.filter(status=Status.SCHEDULED).order_by("due_at").first()


def _letter(message: Message) -> Letter:
    letter = write(message, known_of(message), timezone.now(), None)
    assert isinstance(letter, Letter), letter
    return letter


def _mark(message: Message, letter: Letter) -> None:
    rows = Message.objects.filter(pk=message.pk)
    rows.update(status=Status.SENDING, claimed_at=timezone.now())
    rows.update(status=Status.SENT, sent_at=timezone.now(), address=letter.recipient.address)


@pytest.fixture(autouse=True)
def apart() -> None:
    connections.close_all()
