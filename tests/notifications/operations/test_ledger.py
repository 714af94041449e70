"""From what happened to what was sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from notifications.core.kinds import Status
from notifications.models import ActionLink, Message, PendingEvent
from notifications.operations import act
from scheduling.models import Appointment
from scheduling.operations import events
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from scheduling.operations.reschedule import reschedule
from tests.factories import at, make_user
from tests.notifications.post import Post, make_post

pytestmark = pytest.mark.django_db(transaction=True)
MINUTES = timedelta(minutes=1)


@pytest.fixture
def post() -> Post:
    return make_post()


def move(post: Post, session: Appointment, start: str, actor: Actor) -> None:
    reschedule(
        actor=actor,
        appointment=session,
        start=at(start),
        version=None,
        now=post.now,
    )
    session.refresh_from_db()


def test_a_course_is_confirmed_in_one_mail_with_all_its_dates(post: Post) -> None:
    for day in (7, 14, 21):
        post.book(f"int.{day // 7}", at(f"2026-12-{day:02} 10:00"))

    [sent] = post.run()

    assert sent.to == ["ada@example.org"]
    assert sent.body.count("10 a.m.") == 3
    assert len(sent.attachments) == 4, "one for each, and one with all of them"
    assert post.ledger() == [("confirmation", "sent", "")]
    assert not PendingEvent.objects.exists()
    assert post.run() == []


def test_a_desk_that_moves_to_and_fro_is_heard_once_or_not_at_all(post: Post) -> None:
    desk = Actor.of(make_user("", "front_desk"))
    session = post.book("prep.1", at("2026-12-07 10:00"))
    post.run()

    move(post, session, "2026-12-08 10:00", desk)
    assert post.run() == []
    move(post, session, "2026-12-07 10:00", desk)
    assert post.run(after=5 * MINUTES) == []
    assert post.ledger()[-1] == ("moved", "cancelled", "nothing_changed")

    move(post, session, "2026-12-08 10:00", desk)
    move(post, session, "2026-12-09 11:00", desk)
    [sent] = post.run(after=5 * MINUTES)
    assert "Wednesday, 9 December 2026, 11 a.m." in sent.body
    assert "Monday, 7 December" in sent.body


def test_a_cancelled_session_is_not_reminded_of(post: Post) -> None:
    session = post.book("prep.1", at("2026-12-07 10:00"))
    post.run()
    post.run(after=timedelta(days=10))
    assert ("reminder_72h", "scheduled", "") in post.ledger()

    cancel(
        actor=Actor.of(post.user), appointment=session, reason="unwell", version=None, now=post.now
    )
    [told] = post.run()
    assert told.subject == "Your appointment is cancelled"
    assert post.run(after=timedelta(days=2)) == []


def test_reminders_go_out_three_days_and_one_day_before(post: Post) -> None:
    post.book("prep.1", at("2026-12-07 10:00"))
    post.run()
    post.now = at("2026-12-04 09:59")
    assert post.run() == []
    assert [one.subject for one in post.run(after=MINUTES)] == ["Appointment reminder"]
    post.now = at("2026-12-06 09:59")
    assert post.run() == []
    assert len(post.run(after=MINUTES)) == 1
    assert post.run(after=timedelta(hours=12)) == []


def test_after_an_outage_the_nearest_reminder_goes_out_once(post: Post) -> None:
    post.book("prep.1", at("2026-12-07 10:00"))
    post.run()
    post.now = at("2026-12-06 13:00")
    assert len(post.run()) == 1
    assert ("reminder_72h", "cancelled", "superseded") in post.ledger()


def test_what_was_sent_is_never_sent_again(post: Post) -> None:
    post.book("prep.1", at("2026-12-07 10:00"))
    post.run()
    message = Message.objects.get()
    with pytest.raises(IntegrityError, match="message is sent"), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(status=Status.SCHEDULED)
    message.pk = None
    with pytest.raises(IntegrityError, match="message_once"), transaction.atomic():
        message.save(force_insert=True)


def test_the_news_says_whose_doing_it_was(post: Post) -> None:
    desk = Actor.of(make_user("", "front_desk"))
    session = post.book("prep.1", at("2026-12-07 10:00"))
    post.run()

    move(post, session, "2026-12-08 10:00", Actor.of(post.user))
    assert "You changed your times" in post.run()[0].body
    move(post, session, "2026-12-09 10:00", desk)
    assert "We changed your times" in post.run(after=5 * MINUTES)[0].body

    before = session.start.isoformat()
    move(post, session, "2026-12-10 10:00", desk)
    facts = {"from": before, "disruption": "a closure"}
    events.append(actor=desk, verb="moved", appointment=session, now=post.now, facts=facts)
    assert "Something at the clinic made us" in post.run(after=5 * MINUTES)[0].body


def test_who_sees_somebody_else_at_the_same_time_is_told(post: Post) -> None:
    desk = Actor.of(make_user("", "front_desk"))
    session = post.book("prep.1", at("2026-12-07 10:00"))
    post.run()
    events.append(
        actor=desk, verb="rebound", appointment=session, now=post.now, facts={"disruption": "ill"}
    )
    [told] = post.run(after=5 * MINUTES)
    assert "Same time, another person" in told.body
    assert not any(name in told.body for name in ("Tess", "Stone", "therapy"))

    post.clinic.site.names_people = False
    post.clinic.site.save()
    events.append(
        actor=desk, verb="rebound", appointment=session, now=post.now, facts={"disruption": "ill"}
    )
    assert post.run(after=5 * MINUTES) == []


def by_video(post: Post, session: Appointment, mode: str, **facts: object) -> None:
    """The clinic gives it another way from now on, at the same time."""
    desk = Actor.of(make_user("", "front_desk"))
    Appointment.objects.filter(pk=session.pk).update(mode=mode)
    session.refresh_from_db()
    facts = {"disruption": "water", "mode": mode, **facts}
    events.append(actor=desk, verb="rebound", appointment=session, now=post.now, facts=facts)


def test_who_need_not_come_any_more_is_told_wherever_no_people_are_named(post: Post) -> None:
    post.clinic.site.names_people = False
    post.clinic.site.save()
    session = post.book("prep.1", at("2026-12-07 10:00"))
    post.run()

    by_video(post, session, "video")

    [told] = post.run(after=5 * MINUTES)
    assert "Same time, now by video" in told.body
    assert "By video: sign in and open your plan to see how to join." in told.body
    assert told.attachments, "the calendar does not send them to the clinic"
    assert post.run(after=5 * MINUTES) == []


@pytest.mark.parametrize("at_once", [True, False], ids=["together", "one after the other"])
def test_what_was_taken_back_at_once_is_not_told(post: Post, at_once: bool) -> None:
    desk = Actor.of(make_user("", "front_desk"))
    one = post.book("prep.1", at("2026-12-07 10:00"))
    other = post.book("prep.2", at("2026-12-08 10:00"))
    post.run()

    by_video(post, one, "video")
    ill = {"disruption": "water"}
    events.append(actor=desk, verb="rebound", appointment=other, now=post.now, facts=ill)
    if not at_once:
        assert post.run() == []
    by_video(post, one, "in_person", undone=True)
    undone = {**ill, "undone": True}
    events.append(actor=desk, verb="rebound", appointment=other, now=post.now, facts=undone)

    assert post.run(after=5 * MINUTES) == []


def test_one_reminder_of_several_visits_asks_about_all_of_them(post: Post) -> None:
    first = post.book("prep.1", at("2026-12-07 10:00"))
    second = post.book("int.1", at("2026-12-07 14:00"))
    post.run()
    post.now = at("2026-12-06 10:00")
    [sent] = post.run()
    assert "I cannot come" not in sent.body
    link = ActionLink.objects.get(purpose="confirm")
    act.confirm(link, post.now)
    for session in (first, second):
        session.refresh_from_db()
        assert session.attendance == "accepted"
