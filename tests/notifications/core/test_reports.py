"""Reports come in any order and twice; the end is the same."""

from __future__ import annotations

from itertools import permutations

import pytest

from notifications.core.kinds import Status
from notifications.core.reports import HANDED_OVER, Report, after, of_mail_server, of_provider


def end(status: Status, reports: tuple[Report, ...]) -> tuple[Status, str]:
    reason = "unknown_outcome" if status == Status.AMBIGUOUS else ""
    for one in reports:
        status, reason = after(one, status, reason)
    return status, reason


@pytest.mark.parametrize("begin", sorted(HANDED_OVER))
def test_no_order_and_no_repetition_changes_the_end(begin: Status) -> None:
    every = list(Report)
    for size in (1, 2, 3, 4):
        for some in permutations(every, size):
            ends = {end(begin, one) for one in permutations(some)}
            ends |= {end(begin, (*some, *reversed(some)))}
            assert len(ends) == 1, some


def test_what_each_alone_says() -> None:
    assert end(Status.AMBIGUOUS, (Report.DELIVERED,)) == ("sent", "")
    assert end(Status.AMBIGUOUS, (Report.BOUNCED,)) == ("bounced", "bounce")
    assert end(Status.AMBIGUOUS, (Report.OTHER,)) == ("ambiguous", "unknown_outcome")
    assert end(Status.SENT, (Report.NOT_DELIVERED,)) == ("bounced", "bounce")
    assert end(Status.SENT, (Report.COMPLAINT,)) == ("sent", "complaint")


@pytest.mark.parametrize("status", sorted(set(Status) - HANDED_OVER))
def test_what_is_settled_otherwise_stays(status: Status) -> None:
    assert all(after(one, status, "why") == (status, "why") for one in Report)


@pytest.mark.parametrize(
    ("event", "reason", "report"),
    [
        ("queued", None, "taken"),
        ("delivered", None, "delivered"),
        ("deferred", None, "delayed"),
        ("bounced", None, "bounced"),
        ("bounced", "invalid", "bounced"),
        ("bounced", "blocked", "not_delivered"),
        ("rejected", "bounced", "bounced"),
        ("rejected", "spam", "not_delivered"),
        ("failed", None, "not_delivered"),
        ("complained", None, "complaint"),
        ("opened", None, "other"),
        ("new in ten years", None, "other"),
    ],
)
def test_the_providers_words(event: str, reason: str | None, report: str) -> None:
    assert of_provider(event, reason) == report


@pytest.mark.parametrize(
    ("action", "status", "report"),
    [
        ("failed", "5.1.1", "bounced"),
        ("failed", "5.2.1", "bounced"),
        ("failed", "5.2.2", "not_delivered"),
        ("failed", "5.7.1", "not_delivered"),
        ("failed", "4.4.7", "not_delivered"),
        ("delayed", "4.2.2", "delayed"),
        ("delivered", "2.0.0", "delivered"),
        ("expanded", "2.0.0", "other"),
    ],
)
def test_the_mail_servers_words(action: str, status: str, report: str) -> None:
    assert of_mail_server(action, status) == report
