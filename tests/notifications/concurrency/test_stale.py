"""Cancellations race the sender: nothing that is called off is reminded of afterwards.

`make soak` takes 5,000 cancellations. The control looks once and sends later, as a job that loads
its list first does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from notifications.channels.email import Mailer
from notifications.channels.mime import email_of
from notifications.compose.known import known_of
from notifications.compose.letter import Drop, Letter, Wait
from notifications.compose.write import write
from notifications.core.kinds import Status
from notifications.models import Message
from notifications.operations.deliver import deliver
from scheduling.models import Appointment
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from tests.conftest import SOAK
from tests.factories import make_user
from tests.notifications.bulk import make_due, make_visits
from tests.notifications.post_office import FORK, Sink, open_sink, work_under_kills

CANCELLATIONS = 5_000 if SOAK else 240
TOLERANCE_SECONDS = 1.0
SENDERS, DESKS = 3, 3
LIST = 60
PAUSE_SECONDS = 0.01
SLOW_SERVER = 0.05
"""Seconds for each mail: a faster one has all of them before the desks have begun."""
WITH = ("patient__user", "user", "site", "care_plan", "appointment__site", "appointment__service")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]


@pytest.fixture(autouse=True)
def waking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.compose.contents.is_quiet", lambda now, zone: False)


def run(send: Callable[[], object], latency: float) -> tuple[int, int, float]:
    """How many were cancelled, and of these reminded; and by how much the worst came too late."""
    visits = make_visits(CANCELLATIONS, timezone.now() + timedelta(hours=24))
    make_due(visits, timezone.now() - timedelta(minutes=1))
    # Templates are compiled before the forks, or all desks would be done first.
    _letter(_messages()[0])
    with open_sink(latency) as sink:
        done: dict[str, float] = {}
        answers, under_way = FORK.Queue(), FORK.Event()
        desk = Actor.of(make_user("", "front_desk"))
        desks = [
            FORK.Process(
                target=_cancel_all,
                args=(visits[place::DESKS], desk, answers, under_way),
                daemon=True,
            )
            for place in range(DESKS)
        ]

        def start_and_gather() -> None:
            while not answers.empty():
                key, at = answers.get()
                done[key] = at

        def finished() -> bool:
            if len(sink.accepted) >= SENDERS:
                under_way.set()
            start_and_gather()
            waiting = Message.objects.filter(status__in=[Status.SCHEDULED, Status.SENDING])
            return len(done) == len(visits) and not waiting.exists()

        connections.close_all()
        for one in desks:
            one.start()
        work_under_kills(send, processes=SENDERS, kills=0, every=0.1, until=finished)
        return (len(done), *_too_late(sink, done))


def _too_late(sink: Sink, cancelled: dict[str, float]) -> tuple[int, float]:
    by_id = {one.message_id: str(one.appointment_id) for one in Message.objects.all()}
    delays = [at - cancelled[by_id[key]] for key, at in sink.accepted]
    late = [delay for delay in delays if delay > TOLERANCE_SECONDS]
    return len(late), max(delays, default=0.0)


def _cancel_all(visits: Sequence[Appointment], desk: Actor, answers, under_way) -> None:  # type: ignore[no-untyped-def]
    under_way.wait()
    for visit in visits:
        cancel(
            actor=desk,
            appointment=visit,
            reason="clinic",
            version=None,
            now=timezone.now(),
        )
        committed = time.time()
        time.sleep(PAUSE_SECONDS)
        answers.put((str(visit.pk), committed))


def test_nothing_is_reminded_of_after_it_was_cancelled() -> None:
    cancelled, late, worst = run(lambda: deliver(seconds=5), SLOW_SERVER)

    print({"cancelled": cancelled, "late": late, "worst": round(worst, 3)})
    assert cancelled == CANCELLATIONS
    assert late == 0
    ends = dict(Message.objects.values_list("status").annotate(Count("pk")))
    assert ends.keys() == {Status.SENT, Status.CANCELLED}  # they did race


def test_a_list_that_was_read_before_reminds_of_what_is_off() -> None:
    """Control."""
    _cancelled, late, worst = run(_send_from_a_list, latency=0.1)

    print({"late": late, "worst": round(worst, 3)})
    assert late > 0


def _messages() -> QuerySet[Message]:
    return Message.objects.select_related(*WITH)


def _letter(message: Message) -> Letter | Drop | Wait:
    return write(message, known_of(message), timezone.now(), None)


def _send_from_a_list() -> None:
    with transaction.atomic():
        rows = _messages().select_for_update(skip_locked=True, of=("self",))
        messages = list(rows.filter(status=Status.SCHEDULED)[:LIST])
        letters = [(one, _letter(one)) for one in messages]
        keys = [one.pk for one in messages]
        Message.objects.filter(pk__in=keys).update(status=Status.SENDING, claimed_at=timezone.now())
    with Mailer() as mailer:
        mailer.open()
        for message, letter in letters:
            if isinstance(letter, Letter):
                mailer.send(email_of(letter, message.message_id))
            Message.objects.filter(pk=message.pk).update(status=Status.FAILED, reason="broken")
