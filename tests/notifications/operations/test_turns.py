"""Senders that wait for one another write from what is true once they have waited."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import LazySettings
from django.db import connection, connections, transaction

from notifications.core.kinds import Channel, Kind
from notifications.models import Message
from notifications.operations.claim import TURN, claim, held
from notifications.operations.deliver import BACKOFF, deliver
from notifications.operations.text_consent import opt_in
from notifications.operations.text_replies import take
from scheduling.models import Appointment
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from tests.factories import NOW, at, make_patient, make_user
from tests.notifications.post import Post, make_post
from tests.notifications.post_office import open_sink
from tests.notifications.receiver import Receiver, receiver

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+13035550100"
DAY_BEFORE = at("2026-12-06 11:30")
WAITING = """
SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


@pytest.fixture
def provider(settings: LazySettings) -> Iterator[Receiver]:
    with receiver(201) as other:
        settings.SMS_PROVIDER, settings.SMS_HTTP_URL = "http", other.url()
        settings.SMS_HTTP_TOKEN = "secret"
        yield other


def remind(post: Post, *hours: int, channel: Channel) -> list[Appointment]:
    """As many sessions on one day, with a reminder of each that is due."""
    sessions = [post.book(f"int.{hour}", at(f"2026-12-07 {9 + hour}:00")) for hour in hours]
    for session in sessions:
        Message.objects.create(
            kind=Kind.REMINDER_24H,
            channel=channel,
            patient=post.patient,
            site=post.clinic.site,
            appointment=session,
            due_at=NOW,
        )
    return sessions


def send(failed: list[BaseException] | None = None) -> threading.Thread:
    def work() -> None:
        try:
            deliver(lambda: DAY_BEFORE)
        except Exception as error:
            (failed if failed is not None else []).append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@contextmanager
def another_senders_turn(message: Message) -> Iterator[None]:
    """Somebody else is sending to the patient."""
    inside, over = threading.Event(), threading.Event()

    def work() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(TURN, {"message": message.pk})
            inside.set()
            over.wait(60)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert inside.wait(30)
        yield
    finally:
        over.set()
        thread.join()


def waiting_sender() -> int:
    """The database's process of the sender that waits."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # or a transaction sees one for good
            cursor.execute(WAITING)
            if found := cursor.fetchone():
                return int(found[0])
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def call_off(post: Post, session: Appointment) -> None:
    desk = Actor.of(make_user("", "front_desk"))
    cancel(actor=desk, appointment=session, reason="clinic", version=None, now=NOW)


def stop(post: Post, session: Appointment) -> None:
    take(event_id="one", number=NUMBER, text="STOP", now=NOW)


@pytest.mark.parametrize(
    ("happens", "reason"), [(call_off, "changed"), (stop, "no_consent")], ids=["off", "stop"]
)
def test_a_text_that_waited_for_its_turn_says_what_is_true_by_then(
    provider: Receiver, happens: Callable[[Post, Appointment], None], reason: str
) -> None:
    post = make_post()
    opt_in(actor=Actor.of(post.user), patient=post.patient, number=NUMBER, now=NOW)
    [session] = remind(post, 1, channel=Channel.SMS)
    message = Message.objects.get()

    with another_senders_turn(message):
        sender = send()
        waiting_sender()
        happens(post, session)
    sender.join()

    message.refresh_from_db()
    assert provider.sent == []
    assert message.reason == reason


def test_two_senders_tell_of_a_day_once() -> None:
    post = make_post()
    remind(post, 1, 2, channel=Channel.EMAIL)

    with open_sink(latency=1) as sink:
        senders = [send(), send()]
        for one in senders:
            one.join()
        assert len(sink.ids()) == 1
    reasons = Message.objects.values_list("status", "reason")
    assert sorted(reasons) == [("cancelled", "told_already"), ("sent", "")]


def test_a_connection_lost_before_anything_was_sent_leaves_no_doubt(provider: Receiver) -> None:
    post = make_post()
    opt_in(actor=Actor.of(post.user), patient=post.patient, number=NUMBER, now=NOW)
    remind(post, 1, channel=Channel.SMS)
    message = Message.objects.get()
    failed: list[BaseException] = []

    with another_senders_turn(message):
        sender = send(failed)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [waiting_sender()])
        sender.join()

    message.refresh_from_db()
    assert failed == []
    assert (message.status, message.due_at) == ("scheduled", DAY_BEFORE + BACKOFF[0])


def test_who_waited_for_a_message_reads_whose_it_is_by_then() -> None:
    post, other = make_post(), make_patient("Otto", "Olsen")
    remind(post, 1, channel=Channel.EMAIL)
    key = claim(Channel.EMAIL, DAY_BEFORE)
    assert key is not None
    found: list[Message] = []

    def read() -> None:
        with transaction.atomic():
            if one := held(key):
                found.append(one[0])
        connections.close_all()

    reader = threading.Thread(target=read)
    with transaction.atomic():
        Message.objects.filter(pk=key).update(patient=other)  # as `follow_merges` does
        reader.start()
        waiting_sender()
    reader.join()

    assert [one.patient for one in found] == [other]
