"""A request that is repeated, however often and however fast, has one effect and one answer.

Reduced sizes in the gate: 8 processes × 10 requests; `make soak`: 64 × 160, over 10,000.
"""

from __future__ import annotations

import random
import time
from datetime import timedelta

import pytest

from accounts.models import User
from scheduling import idempotency
from scheduling.core.refusals import Code
from scheduling.idempotency import Answer, once
from scheduling.models import Appointment
from scheduling.operations.actor import Actor
from scheduling.operations.book import book_session
from tests.concurrency.crowd import Attempt, Outcome, dropped, race
from tests.conftest import SOAK
from tests.factories import NOW, Clinic, at, make_clinic, make_patient, make_service, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]
FEW = 8
"""Keys where a guard is missing: so few that the same one is surely sent twice at once."""
PROCESSES, REQUESTS, KEYS = (64, 160, 500) if SOAK else (8, 10, FEW)
UNIQUE = ("scheduling_idempotencyrecord", "idempotency_key_once")


@pytest.fixture
def desk() -> User:
    return make_user("desk@example.org", "front_desk")


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


def repeating(clinic: Clinic, desk: User, *, keys: int = FEW, dawdle: float = 0.0) -> Attempt:
    """Send one of a few requests, each with its own key and start. Two therapists are free at each
    start and every booking is for a new patient, so nothing but the key prevents a second one.
    `dawdle` seconds pass between the booking and its record: an unguarded race then shows itself
    on any machine."""
    therapy = make_service("therapy")
    monday = at("2026-12-07 09:00")
    starts = [monday + timedelta(weeks=n // 40, days=n // 8 % 5, hours=n % 8) for n in range(keys)]

    def attempt(chance: random.Random) -> object:
        number = chance.randrange(keys)

        def act() -> Answer:
            booked = book_session(
                actor=Actor.of(desk),
                patient=make_patient(str(chance.random())),
                service=therapy,
                site=clinic.site,
                start=starts[number],
                mode="video",
                now=NOW,
            )
            time.sleep(dawdle)
            return Answer(201, str(booked.pk))

        key = f"request {number}"
        answer = once(user=desk, route="book", key=key, body=number, now=NOW, act=act)
        return number, answer.body

    return attempt


def effects(outcome: Outcome) -> tuple[int, int, int]:
    """How many requests were acknowledged, how many different answers they had, and how many
    sessions stand: three equal numbers where each request had one effect."""
    answers = set(outcome.told)
    return len({number for number, _ in answers}), len(answers), Appointment.objects.count()


def without_the_lock() -> None:
    idempotency.LOCK = "SELECT true;"


def test_every_request_has_one_effect(clinic: Clinic, desk: User) -> None:
    outcome = race(PROCESSES, REQUESTS, repeating(clinic, desk, keys=KEYS))

    assert effects(outcome) == (KEYS, KEYS, KEYS)
    assert set(outcome.refused) <= {Code.IDEMPOTENCY_RUNNING}
    assert outcome.broken == {}


def test_without_the_lock_the_constraint_still_refuses(clinic: Clinic, desk: User) -> None:
    outcome = race(8, 10, repeating(clinic, desk, dawdle=0.2), unguarded=without_the_lock)

    acknowledged, answers, sessions = effects(outcome)
    assert acknowledged == answers == sessions
    assert outcome.broken["IntegrityError"] > 0


def test_without_the_constraint_the_lock_still_holds(clinic: Clinic, desk: User) -> None:
    with dropped(*UNIQUE):
        outcome = race(8, 10, repeating(clinic, desk, dawdle=0.2))

    acknowledged, answers, sessions = effects(outcome)
    assert acknowledged == answers == sessions


def test_without_both_a_request_has_two_effects(clinic: Clinic, desk: User) -> None:
    with dropped(*UNIQUE):
        outcome = race(8, 10, repeating(clinic, desk, dawdle=0.2), unguarded=without_the_lock)

    acknowledged, _, sessions = effects(outcome)
    assert sessions > acknowledged
