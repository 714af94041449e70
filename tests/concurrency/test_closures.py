"""Whoever books while something is being closed either comes first, and is listed, or is refused.

The seats of a group are free when its coach is closed, and nobody locks the coach to book one: only
the site's hours, which bookings share and closing takes alone, stand between the two.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from scheduling import locks
from scheduling.core.refusals import Code
from scheduling.models import Appointment, Service, StaffTask
from scheduling.operations import lanes
from scheduling.operations.actor import Actor
from scheduling.operations.book import book_session
from scheduling.operations.close import AFFECTED, close
from tests.concurrency.crowd import Attempt, Outcome, dawdling, race, without_lock
from tests.factories import (
    NOW,
    Clinic,
    at,
    make_clinic,
    make_meeting,
    make_patient,
    make_series,
    make_service,
    make_user,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]

NINE = at("2026-12-01 09:00")
PROCESSES, ATTEMPTS = 6, 12


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


def taking_seats(clinic: Clinic, desk: Actor) -> Attempt:
    """Book a new patient into a meeting with a seat for everybody."""
    service: Service = make_service("lifestyle_group")
    series = make_series(clinic.site, "Big group", "lifestyle_group", seats=200)
    make_meeting(series, service, clinic.coach, clinic.group_room, NINE)

    def attempt(chance: random.Random) -> object:
        return book_session(
            actor=desk,
            patient=make_patient(str(chance.random())),
            service=service,
            site=clinic.site,
            start=NINE,
            now=NOW,
        ).pk

    return attempt


def closing_the_coach(clinic: Clinic, desk: Actor) -> Callable[[], None]:
    """Close as soon as the first seats are taken."""

    def shut() -> None:
        deadline = time.monotonic() + 30
        while not Appointment.objects.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        end = NINE + timedelta(hours=1)
        close(actor=desk, resource=clinic.coach, start=NINE, end=end, reason="ill", now=NOW)

    return shut


def slow_writers() -> None:
    """Wait between the look and the write, so that closing falls between the two."""
    lanes.read_standing = dawdling(lanes.read_standing)


def without_shared_hours() -> None:
    """Take the guard away."""
    without_lock(locks.SHARE_HOURS)
    slow_writers()


def unnoticed() -> int:
    """Sessions that stand in the closure without a task for the front desk."""
    noticed = StaffTask.objects.filter(kind=AFFECTED).values("appointment_id")
    return Appointment.objects.exclude(pk__in=noticed).count()


def rush(clinic: Clinic, desk: Actor, before: Callable[[], None]) -> Outcome:
    return race(
        PROCESSES,
        ATTEMPTS,
        taking_seats(clinic, desk),
        unguarded=before,
        meanwhile=closing_the_coach(clinic, desk),
    )


def test_every_session_booked_before_the_closure_is_listed(clinic: Clinic, desk: Actor) -> None:
    outcome = rush(clinic, desk, slow_writers)

    assert outcome.broken == {}
    assert 0 < len(outcome.told) < PROCESSES * ATTEMPTS
    assert set(outcome.refused) == {Code.OUTSIDE_HOURS}
    assert StaffTask.objects.filter(kind=AFFECTED).count() == len(outcome.told)
    assert unnoticed() == 0


def test_without_the_shared_hours_some_are_booked_unnoticed(clinic: Clinic, desk: Actor) -> None:
    outcome = rush(clinic, desk, without_shared_hours)

    assert outcome.broken == {}
    assert unnoticed() > 0
