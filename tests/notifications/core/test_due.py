"""When messages are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.core.due import (
    LEAST_NOTICE,
    after_quiet,
    before_quiet,
    is_quiet,
    news_due,
    plan_ahead,
    reminder_due,
    useless,
)
from notifications.core.kinds import AHEAD, Kind, Reason
from tests.factories import ZONE, at

ZONES = ("America/Denver", "Europe/Amsterdam", "Asia/Beirut", "Australia/Lord_Howe", "UTC")
instants = st.datetimes(
    at("2026-01-01 00:00").replace(tzinfo=None),
    at("2028-01-01 00:00").replace(tzinfo=None),
    timezones=st.just(UTC),
)


@pytest.mark.parametrize(
    ("kind", "start", "due"),
    [
        (Kind.REMINDER_24H, "2026-12-07 10:00", "2026-12-06 10:00"),
        (Kind.REMINDER_72H, "2026-12-07 10:00", "2026-12-04 10:00"),
        (Kind.PREPARATION, "2026-12-07 10:00", "2026-11-30 10:00"),
        # Quiet hours: the evening before.
        (Kind.REMINDER_24H, "2026-12-07 07:30", "2026-12-05 20:30"),
        (Kind.REMINDER_24H, "2026-12-07 21:15", "2026-12-06 20:30"),
        # Clocks change on 8 March and 1 November 2026: the wall time stays.
        (Kind.REMINDER_24H, "2026-03-08 10:00", "2026-03-07 10:00"),
        (Kind.REMINDER_24H, "2026-11-02 10:00", "2026-11-01 10:00"),
    ],
)
def test_a_reminder_is_due_at_the_same_wall_time(kind: Kind, start: str, due: str) -> None:
    assert reminder_due(kind, at(start), ZONE) == at(due)


@given(instants, st.sampled_from(ZONES), st.sampled_from(AHEAD))
def test_no_reminder_is_due_at_night_and_none_too_late(
    start: datetime, zone: str, kind: Kind
) -> None:
    due = reminder_due(kind, start, zone)
    assert not is_quiet(due, zone)
    assert due < start
    assert not is_quiet(before_quiet(start, zone), zone)
    assert not is_quiet(after_quiet(start, zone), zone)
    assert before_quiet(start, zone) <= start <= after_quiet(start, zone)


@given(instants, st.sampled_from(ZONES), st.timedeltas(timedelta(), timedelta(days=8)))
def test_after_an_outage_exactly_the_nearest_reminder_helps(
    start: datetime, zone: str, before: timedelta
) -> None:
    now = start - before
    helping = [
        kind
        for kind in AHEAD
        if reminder_due(kind, start, zone) <= now and useless(kind, start, now, zone) is None
    ]
    assert len(helping) <= 1
    if before < LEAST_NOTICE:
        assert helping == []


@pytest.mark.parametrize(
    ("told", "now", "expected"),
    [
        # Booked long ago, on time.
        ("2026-11-01 12:00", "2026-12-05 12:00", ("2026-12-06 10:00", None)),
        # Booked inside the window: the confirmation has said it.
        ("2026-12-06 11:00", "2026-12-06 11:00", ("2026-12-06 10:00", Reason.TOLD_WHEN_BOOKED)),
        # Nothing ran since yesterday: at once.
        ("2026-11-01 12:00", "2026-12-06 15:00", ("2026-12-06 15:00", None)),
        # ... but not at night.
        ("2026-11-01 12:00", "2026-12-06 23:00", ("2026-12-07 08:00", None)),
        # ... and not when the visit has all but begun.
        ("2026-11-01 12:00", "2026-12-07 09:30", ("2026-12-07 09:30", Reason.TOO_LATE)),
    ],
)
def test_what_is_planned_for_a_visit_at_ten(
    told: str, now: str, expected: tuple[str, Reason | None]
) -> None:
    due, why_not = plan_ahead(Kind.REMINDER_24H, at("2026-12-07 10:00"), at(told), at(now), ZONE)
    assert (due, why_not) == (at(expected[0]), expected[1])


def test_a_desks_change_settles_unless_the_visit_is_near() -> None:
    now, far, near = at("2026-12-01 12:00"), at("2026-12-07 10:00"), at("2026-12-02 10:00")
    assert news_due(now, far, by_patient=False) == now + timedelta(minutes=2)
    assert news_due(now, near, by_patient=False) == now
    assert news_due(now, far, by_patient=True) == now
