"""Two taps at once have one effect."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from notifications.models import ActionLink
from notifications.operations import act, links
from notifications.operations.links import find_link
from scheduling.core.refusals import Refused
from scheduling.models import Appointment, Event
from tests.notifications.links import link_in, reminded
from tests.notifications.post import Post, make_post

pytestmark = pytest.mark.django_db(transaction=True)
TAPS = 4


def at_once(tap: Callable[[], object]) -> list[str]:
    """What each of several taps was told: `done`, or the code of a refusal."""
    told: list[str] = []
    barrier = threading.Barrier(TAPS)

    def go() -> None:
        barrier.wait()
        try:
            tap()
            told.append("done")
        except Refused as refused:
            told.append(str(refused.refusals[0].code))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(TAPS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sorted(told)


def cancel_link(post: Post) -> tuple[str, Callable[[], object]]:
    _session, sent = reminded(post)
    secret = link_in(sent, "cancel").split("/")[2]

    def tap() -> None:
        link = find_link(secret)
        assert link
        act.call_off(link, "unwell", secret, post.now)

    return secret, tap


def test_a_double_tap_cancels_once_and_makes_one_undo() -> None:
    post = make_post()
    _secret, tap = cancel_link(post)

    assert at_once(tap) == ["done"] * TAPS

    assert Event.objects.filter(verb="cancelled").count() == 1
    assert ActionLink.objects.filter(purpose="undo").count() == 1


def test_control_without_the_mark_of_use_the_other_taps_are_told_that_it_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post = make_post()
    _secret, tap = cancel_link(post)
    monkeypatch.setattr(act, "_use", lambda link, now: True)

    assert at_once(tap) == ["done", *["stale"] * (TAPS - 1)]


def test_a_double_tap_books_again_once() -> None:
    post = make_post()
    secret, tap = cancel_link(post)
    tap()
    key = links.undo_secret(secret)

    def undo() -> None:
        link = find_link(key)
        assert link
        act.take_back(link, post.now)

    told = at_once(undo)

    assert told.count("done") == 1, told
    assert Appointment.objects.filter(status="booked").count() == 1
    assert Event.objects.filter(verb="cancel_undone").count() == 1
