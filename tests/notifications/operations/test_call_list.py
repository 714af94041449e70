"""Whom the desk calls."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.models import StaffTask
from scheduling.operations.actor import Actor
from scheduling.operations.answer_attendance import answer_attendance
from scheduling.operations.cancel import cancel
from scheduling.operations.reschedule import reschedule
from tests.factories import NOW, at, make_user
from tests.notifications.post import make_post

pytestmark = pytest.mark.django_db(transaction=True)


def open_calls() -> list[str]:
    return list(StaffTask.objects.filter(finished_at=None).values_list("kind", flat=True))


def test_a_change_within_a_day_is_called_about_until_the_patient_has_answered() -> None:
    post = make_post()
    session = post.book("prep.1", at("2026-11-24 10:00"))
    post.run()
    desk = Actor.of(make_user("", "front_desk"))
    reschedule(
        actor=desk, appointment=session, start=at("2026-11-24 11:00"), version=None, now=post.now
    )
    [told] = post.run()
    assert told.subject == "Your appointment has changed"
    assert open_calls() == ["tell_change"]

    session.refresh_from_db()
    answer_attendance(
        actor=Actor.of(post.user),
        appointment=session,
        answer="accepted",
        sequence=session.sequence,
        now=post.now,
    )
    post.run()
    assert open_calls() == []


def test_what_patients_change_themselves_needs_no_call() -> None:
    post = make_post()
    session = post.book("prep.1", at("2026-11-24 10:00"))
    post.run()
    cancel(
        actor=Actor.of(post.user), appointment=session, reason="unwell", version=None, now=post.now
    )
    post.run()
    assert "tell_change" not in open_calls()


def test_whom_no_message_reaches_is_called() -> None:
    post = make_post(consent=False)
    post.book("prep.1", NOW + timedelta(days=9))
    assert post.run() == []
    assert post.ledger() == [("confirmation", "suppressed", "no_consent")]
    assert open_calls() == ["patient_unreachable"]
