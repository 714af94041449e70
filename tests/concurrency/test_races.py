"""Nobody is booked twice, whoever is quickest; and without its guards the race does happen.

Reduced sizes in the gate: 8 processes × 10 attempts; `make soak`: 64 × 40.
"""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from accounts.models import Patient
from scheduling.core.refusals import Code
from scheduling.models import CarePlan, Service
from scheduling.operations.actor import Actor
from scheduling.operations.book import book_session
from tests.concurrency.courses import booking_courses, having_served
from tests.concurrency.crowd import (
    NONE,
    Attempt,
    damage,
    deadlocks,
    dropped,
    race,
    without_patient_lock,
    without_resource_locks,
)
from tests.conftest import SOAK
from tests.factories import (
    NOW,
    Clinic,
    at,
    make_clinic,
    make_patient,
    make_person,
    make_service,
    make_user,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]
PROCESSES, ATTEMPTS = (64, 40) if SOAK else (8, 10)
LOSERS_SECONDS = 2 if SOAK else 5  # the gate shares its machine with other tests


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


def test_courses_are_booked_once_and_whole(clinic: Clinic, desk: Actor) -> None:
    attempt = booking_courses(clinic, desk)
    before = deadlocks()

    outcome = race(PROCESSES, ATTEMPTS, attempt, warm=having_served(clinic, desk))

    assert damage() == NONE
    assert len(outcome.told) + len(outcome.losers) == PROCESSES * ATTEMPTS
    assert outcome.broken == {}
    assert outcome.violations == {}
    assert deadlocks() == before
    assert set(outcome.refused) <= {Code.TAKEN, Code.BUSY}
    assert outcome.refused[Code.BUSY] == 0
    assert CarePlan.objects.filter(status="active", pk__in=outcome.told).count() == len(
        outcome.told
    )
    assert 0 < len(outcome.told) < PROCESSES * ATTEMPTS
    print(f"\n{len(outcome.told)} courses; p99 of losers {outcome.slowest_loser():.2f} s")
    assert outcome.slowest_loser() < LOSERS_SECONDS


def booking_the_prescriber(clinic: Clinic, desk: Actor) -> Attempt:
    """Book one of twenty starts of a single prescriber for a new patient."""
    service: Service = make_service("review")
    starts = [at("2026-12-01 09:00") + timedelta(minutes=10 * n) for n in range(20)]

    def attempt(chance: random.Random) -> object:
        return book_session(
            actor=desk,
            patient=make_patient(str(chance.random())),
            service=service,
            site=clinic.site,
            start=chance.choice(starts),
            now=NOW,
        ).pk

    return attempt


def test_without_locks_and_constraint_the_same_time_is_booked_twice(
    clinic: Clinic, desk: Actor
) -> None:
    attempt = booking_the_prescriber(clinic, desk)

    with dropped("scheduling_reservation", "reservation_lane_once"):
        race(8, 10, attempt, unguarded=without_resource_locks)
        assert damage()["lanes"] > 0


def test_without_locks_the_constraint_still_refuses(clinic: Clinic, desk: Actor) -> None:
    outcome = race(8, 10, booking_the_prescriber(clinic, desk), unguarded=without_resource_locks)

    assert damage() == NONE
    assert outcome.violations["reservation_lane_once"] > 0
    assert outcome.broken == {}


def test_without_the_constraint_the_locks_still_hold(clinic: Clinic, desk: Actor) -> None:
    attempt = booking_the_prescriber(clinic, desk)

    with dropped("scheduling_reservation", "reservation_lane_once"):
        race(8, 10, attempt)
        assert damage() == NONE


def booking_one_patient(clinic: Clinic, desk: Actor, what: str) -> Attempt:
    """Book the same patient again and again, with different people each time: only the patient's
    own lock is shared."""
    ada: Patient = make_patient()
    other = make_person(clinic.site, "Dr Quell", "prescriber")
    teams = [
        {"prescriber": prescriber, "nurse": nurse, "infusion_chair": chair}
        for prescriber, nurse, chair in zip(
            (clinic.prescriber, other), clinic.nurses, clinic.chairs, strict=True
        )
    ]
    nine = at("2026-12-01 09:00")
    choices = {
        # In two places at once.
        "patients": [
            ("review", nine, {"prescriber": clinic.prescriber}),
            ("review", nine + timedelta(minutes=10), {"prescriber": other}),
            ("therapy", nine, {"therapist": clinic.therapists[0]}),
            ("therapy", nine + timedelta(minutes=10), {"therapist": clinic.therapists[1]}),
        ],
        # Treated on two days in a row.
        "spacings": [
            ("infusion", nine + timedelta(days=number), team) for number, team in enumerate(teams)
        ],
    }[what]
    services = {slug: make_service(slug) for slug, _, _ in choices}

    def attempt(chance: random.Random) -> object:
        slug, start, team = chance.choice(choices)
        return book_session(
            actor=desk,
            patient=ada,
            service=services[slug],
            site=clinic.site,
            start=start,
            practitioners={role: str(unit.pk) for role, unit in team.items()},
            mode="video" if slug == "therapy" else "in_person",
            now=NOW,
        ).pk

    return attempt


GUARDS = {
    "patients": ("scheduling_patienttime", "patient_once"),
    "spacings": ("scheduling_treatmentspacing", "treatment_spacing_kept"),
}


@pytest.mark.parametrize("what", GUARDS)
class TestOnePatient:
    """In two places at once, or treated too soon again."""

    def test_never_happens(self, clinic: Clinic, desk: Actor, what: str) -> None:
        outcome = race(8, 10, booking_one_patient(clinic, desk, what))

        assert damage() == NONE
        assert len(outcome.told) == 1
        assert (outcome.violations, outcome.broken) == ({}, {})

    def test_is_refused_by_the_database_where_the_lock_is_gone(
        self, clinic: Clinic, desk: Actor, what: str
    ) -> None:
        attempt = booking_one_patient(clinic, desk, what)

        outcome = race(8, 10, attempt, unguarded=without_patient_lock)

        assert damage() == NONE
        assert len(outcome.told) == 1
        assert outcome.broken == {}

    def test_never_happens_where_only_the_constraint_is_gone(
        self, clinic: Clinic, desk: Actor, what: str
    ) -> None:
        attempt = booking_one_patient(clinic, desk, what)

        with dropped(*GUARDS[what]):
            outcome = race(8, 10, attempt)
            assert damage() == NONE
        assert len(outcome.told) == 1
        assert outcome.broken == {}

    def test_happens_without_lock_and_constraint(
        self, clinic: Clinic, desk: Actor, what: str
    ) -> None:
        attempt = booking_one_patient(clinic, desk, what)

        with dropped(*GUARDS[what]):
            race(8, 10, attempt, unguarded=without_patient_lock)
            assert damage()[what] > 0
