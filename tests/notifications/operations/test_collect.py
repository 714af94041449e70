"""No event is lost, none stops the others, and each way of hearing tells each change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from accounts.models import ContactConsent, ContactPurpose
from notifications.core.kinds import Kind, Status
from notifications.models import Message, PendingEvent
from notifications.operations import collect as collecting
from notifications.operations.again import send_again
from notifications.operations.collect import collect, collect_all
from scheduling.models import Appointment
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from scheduling.operations.merge_patients import merge_patients
from scheduling.operations.reschedule import reschedule
from tests.factories import NOW, at, make_patient, make_user
from tests.notifications.post import Post, make_post

pytestmark = pytest.mark.django_db(transaction=True)
MINUTES = timedelta(minutes=1)


@pytest.fixture
def post() -> Post:
    return make_post()


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("", "front_desk"))


def move(post: Post, session: Appointment, start: str, actor: Actor) -> None:
    reschedule(actor=actor, appointment=session, start=at(start), version=None, now=post.now)
    session.refresh_from_db()


def give_up(post: Post, session: Appointment, actor: Actor) -> None:
    cancel(actor=actor, appointment=session, reason="clinic", version=None, now=post.now)


def test_copies_that_wait_stop_no_other_news(post: Post, desk: Actor) -> None:
    sessions = [post.book(f"int.{n}", at(f"2026-12-{7 * n:02} 10:00")) for n in (1, 2, 3)]
    post.run()
    for session in sessions[:2]:
        give_up(post, session, desk)
        post.run(after=5 * MINUTES)
    for sent in Message.objects.filter(kind=Kind.CANCELLED, copy=0):
        send_again(actor=desk, message=sent, now=post.now)

    give_up(post, sessions[2], desk)
    told = post.run(after=5 * MINUTES)

    assert any("Monday, 21 December" in one.body for one in told)
    assert not PendingEvent.objects.exists()


def test_a_text_that_waits_does_not_swallow_the_mail(
    post: Post, desk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SMS_PROVIDER", "http")
    monkeypatch.setattr(settings, "SMS_HTTP_URL", "http://127.0.0.1:1/")
    monkeypatch.setattr(settings, "SMS_HTTP_TOKEN", "secret")
    ContactConsent.objects.create(
        patient=post.patient,
        purpose=ContactPurpose.SMS_APPOINTMENTS,
        address="+13035550111",
        wording="texts",
        given_at=NOW,
    )
    session = post.book("prep.1", at("2026-12-07 10:00"))
    post.run()
    move(post, session, "2026-12-08 10:00", desk)
    assert len(post.run(after=5 * MINUTES)) == 1
    assert Message.objects.filter(channel="sms", status=Status.SCHEDULED).count() == 1

    move(post, session, "2026-12-09 10:00", desk)
    [told] = post.run(after=5 * MINUTES)

    assert "Wednesday, 9 December" in told.body
    assert Message.objects.filter(channel="sms", status=Status.SCHEDULED).count() == 1


def test_a_change_that_commits_while_others_are_collected_is_told(post: Post) -> None:
    first = post.book("int.1", at("2026-12-07 10:00"))
    second = post.book("int.2", at("2026-12-14 10:00"))
    post.run()
    ada = Actor.of(post.user)
    for session in (first, second):
        give_up(post, session, ada)
    said = []
    for _ in range(2):  # one event at a time: the sum over the course is the same for both
        collect(post.now, limit=1)
        said += [one.body for one in post.run()]

    assert sum("7 December" in body for body in said) >= 1
    assert sum("14 December" in body for body in said) >= 1


def test_a_confirmation_that_is_sent_again_does_not_hide_a_cancellation(
    post: Post, desk: Actor
) -> None:
    session = post.book("prep.1", at("2026-12-07 10:00"))
    post.run()
    send_again(actor=desk, message=Message.objects.get(), now=post.now)
    give_up(post, session, desk)

    told = post.run(after=5 * MINUTES)

    assert [one.subject for one in told] == ["Your appointment is cancelled"]


def test_an_event_that_cannot_be_read_stops_no_other(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = post.book("prep.1", at("2026-12-07 10:00"))
    post.book("prep.2", at("2026-12-08 10:00"))
    tell = collecting.tell_of_changes

    def stumble(rows):  # type: ignore[no-untyped-def]
        if any(row["appointment_id"] == broken.pk for row in rows):
            raise ValueError("an event like none before")
        tell(rows)

    monkeypatch.setattr(collecting, "tell_of_changes", stumble)
    collect_all(post.now)

    assert PendingEvent.objects.get().set_aside
    assert Message.objects.get().kind == Kind.CONFIRMATION


def test_messages_follow_a_record_that_joins_another(post: Post, desk: Actor) -> None:
    post.book("prep.1", at("2026-12-07 10:00"))
    other = make_patient("Ada", "Byron")
    collect_all(post.now)
    merge_patients(actor=desk, keep=other, duplicate=post.patient, now=post.now)

    [sent] = post.run()

    assert sent.to == ["ada@example.org"]
    assert Message.objects.get().patient == other


def test_texts_without_a_provider_wait_for_nothing(post: Post) -> None:
    Message.objects.create(
        kind=Kind.MOVED,
        channel="sms",
        patient=post.patient,
        site=post.clinic.site,
        care_plan=post.plan,
        due_at=post.now - timedelta(days=3),
    )
    post.run()
    assert post.ledger() == [("moved", "cancelled", "switched_off")]


def test_sent_again_twice_is_one_copy(post: Post, desk: Actor) -> None:
    post.book("prep.1", at("2026-12-07 10:00"))
    post.run()
    sent = Message.objects.get()
    first = send_again(actor=desk, message=sent, now=post.now)
    assert send_again(actor=desk, message=sent, now=post.now) == first
    assert len(post.run()) == 1
