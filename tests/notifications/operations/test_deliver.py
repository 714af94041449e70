"""What becomes of one message, whatever the mail server does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.utils import timezone

from notifications.core.kinds import Kind
from notifications.models import Message
from notifications.operations.deliver import BACKOFF, deliver
from notifications.operations.schedule import schedule
from scheduling.models import StaffTask
from tests.factories import at
from tests.notifications.bulk import make_visits
from tests.notifications.post import make_post
from tests.notifications.post_office import open_sink

pytestmark = pytest.mark.django_db(transaction=True)


def one_message(count: int = 1) -> None:
    for visit in make_visits(count, timezone.now() + timedelta(days=20)):
        Message.objects.create(
            kind=Kind.CONFIRMATION,
            patient_id=visit.patient_id,
            site_id=visit.site_id,
            appointment=visit,
            due_at=timezone.now(),
        )


def ends() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("created_at").values_list("status", "reason"))


@contextmanager
def server_at(port: int) -> Iterator[None]:
    before = settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT
    settings.EMAIL_BACKEND = "notifications.channels.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    try:
        yield
    finally:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = before


@contextmanager
def answering(*, then_hang_up: bool = False, **answers: str) -> Iterator[None]:
    """A server that answers a command of SMTP with these words."""

    async def handle_rcpt(server, session, envelope, address, options) -> str:  # type: ignore[no-untyped-def]
        envelope.rcpt_tos.append(address)
        return answers.get("rcpt", "250 OK")

    async def handle_data(server, session, envelope) -> str:  # type: ignore[no-untyped-def]
        if then_hang_up:
            server.loop.call_soon(server.transport.close)  # once the answer is on its way
        return answers.get("data", "250 OK")

    handler = type("Handler", (), {})()
    handler.handle_RCPT, handler.handle_DATA = handle_rcpt, handle_data
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    try:
        with server_at(port):
            yield
    finally:
        server.stop()


@contextmanager
def breaking(after: bytes, *, silent: bool = False) -> Iterator[None]:
    """A server that takes part in the conversation up to a command, and then hangs up, or says no
    more."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while True:
            try:
                talk, _address = listener.accept()
            except OSError:
                return
            # A socket hangs up only when its stream is closed too.
            with talk, talk.makefile("rb") as stream:
                talk.sendall(b"220 here\r\n")
                content = False
                for line in stream:
                    if content:
                        if line == b".\r\n":
                            break  # taken over, and gone without a word
                        continue
                    if line.upper().startswith(after):
                        if after == b"DATA":
                            talk.sendall(b"354 go on\r\n")
                            content = True
                            continue
                        break
                    talk.sendall(b"250 OK\r\n")
                if silent:
                    over.wait()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        with server_at(listener.getsockname()[1]):
            yield
    finally:
        over.set()
        listener.close()


@pytest.fixture(params=["hangs up", "falls silent"])
def silent(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether it says no more; we wait for a short time then, and a long one for what it says."""
    falls_silent = bool(request.param == "falls silent")
    monkeypatch.setattr(settings, "EMAIL_TIMEOUT", 0.3 if falls_silent else 30)
    return falls_silent


def test_a_server_that_takes_the_content_and_no_more_leaves_doubt(silent: bool) -> None:
    one_message()
    with breaking(b"DATA", silent=silent):
        deliver()
    assert ends() == [("ambiguous", "unknown_outcome")]
    assert StaffTask.objects.get().kind == "message_unsure"
    with open_sink() as sink:
        deliver(lambda: timezone.now() + timedelta(days=2))
        assert sink.ids() == []


@pytest.mark.parametrize("command", [b"MAIL", b"RCPT"])
def test_a_server_that_breaks_off_before_is_tried_again(command: bytes, silent: bool) -> None:
    one_message()
    with breaking(command, silent=silent):
        deliver()
    assert ends() == [("scheduled", "refused")]
    with open_sink() as sink:
        deliver(lambda: timezone.now() + BACKOFF[0])
        assert len(sink.ids()) == 1
    assert ends() == [("sent", "")]


@pytest.mark.parametrize(
    ("answers", "end"),
    [
        ({"rcpt": "550 no such mailbox"}, ("failed", "refused")),
        ({"rcpt": "450 try later"}, ("scheduled", "refused")),
        ({"data": "554 not like this"}, ("failed", "refused")),
        ({"data": "451 later"}, ("scheduled", "refused")),
    ],
)
def test_a_refusal_is_final_or_tried_again_as_the_server_says(
    answers: dict[str, str], end: tuple[str, str]
) -> None:
    one_message()
    with answering(**answers):
        deliver()
    assert ends() == [end]
    assert StaffTask.objects.filter(kind="message_not_delivered").count() == (end[0] == "failed")


def test_after_enough_attempts_a_person_is_asked() -> None:
    one_message()
    now = timezone.now()
    with answering(data="451 later"):
        for pause in (timedelta(), *BACKOFF):
            now += pause
            deliver(lambda now=now: now)
    assert ends() == [("failed", "given_up")]
    assert StaffTask.objects.get().kind == "message_not_delivered"


def test_a_server_that_ends_each_conversation_gets_the_next_message_in_another() -> None:
    one_message(3)
    with answering(data="250 OK", then_hang_up=True):
        deliver()
    assert ends() == [("sent", "")] * 3
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}


def test_what_is_claimed_ahead_is_sent_however_little_time_is_left() -> None:
    one_message(3)
    with open_sink(latency=0.2) as sink:
        deliver(seconds=0.2)  # of which mail has the half
        assert len(sink.ids()) == 1
    assert sorted(status for status, _ in ends()) == ["scheduled", "scheduled", "sent"]


def test_while_nobody_listens_nothing_is_tried() -> None:
    one_message()
    with server_at(1):
        deliver()
    assert list(Message.objects.values_list("status", "attempts")) == [("scheduled", 0)]


def test_one_broken_message_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    one_message(3)
    broken = Message.objects.order_by("due_at")[0]
    Message.objects.filter(pk=broken.pk).update(facts={"was": 7}, kind=Kind.MOVED)
    with open_sink() as sink:
        deliver()
        assert len(sink.ids()) == 2
    broken.refresh_from_db()
    assert (broken.status, broken.reason) == ("failed", "broken")


@pytest.mark.parametrize(
    "name",
    [
        "Ada\r\nBcc: all@example.org",
        "Ada\rX",
        "Ada\u2028Eve",
        "\u202eadA",
        "{{ 7|add:1 }}",
    ],
)
def test_hostile_names_stay_words(name: str) -> None:
    post = make_post()
    post.patient.given_name = name
    post.patient.save()
    post.clinic.site.neutral_name = post.clinic.site.address = name
    post.clinic.site.save()
    post.book("prep.1", at("2026-12-07 10:00"))
    [sent] = post.run()
    message = sent.message()
    assert message["To"] == "ada@example.org"
    assert message["Bcc"] is None
    assert "\u202e" not in sent.body + str(message)
    assert "\u2028" not in sent.body
    assert "8" not in sent.body.splitlines()[0]


@pytest.mark.parametrize("address", ["ada@example.org, eve@example.org", "ada@example.org\nx", ""])
def test_an_address_that_is_none_or_two_gets_nothing(address: str) -> None:
    post = make_post()
    post.user.email = address
    type(post.user).objects.filter(pk=post.user.pk).update(email=address)
    post.patient.contact_consents.update(address=address)
    post.book("prep.1", at("2026-12-07 10:00"))
    assert post.run() == []
    assert post.ledger()[0][1] in ("failed", "suppressed")


@pytest.mark.parametrize("jump", [timedelta(hours=2), -timedelta(hours=2)])
def test_a_clock_that_jumps_doubles_nothing_and_loses_nothing(jump: timedelta) -> None:
    post = make_post()
    post.book("prep.1", at("2026-12-07 10:00"))
    post.run()
    post.now = at("2026-12-06 09:30")
    sent = post.run()
    sent += post.run(after=jump)
    sent += post.run(after=-jump)
    sent += post.run(after=timedelta(hours=1))
    assert [one.subject for one in sent] == ["Appointment reminder"]


def test_scheduling_twice_writes_once() -> None:
    post = make_post()
    post.book("prep.1", at("2026-12-07 10:00"))
    for _ in range(3):
        schedule(at("2026-12-05 12:00"))
    assert Message.objects.filter(kind=Kind.REMINDER_24H).count() == 1
    assert Message.objects.filter(kind=Kind.REMINDER_72H).count() == 1
