"""Many people say the right birth date at once: the record becomes one person's, and stays so."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date

import pytest
from django.utils import timezone

from accounts import tokens
from accounts.models import Invitation, InvitationPurpose, Patient, User
from scheduling.models import Event
from scheduling.operations import claim_record as claiming
from scheduling.operations.claim_record import Claim, claim_record
from scheduling.operations.invite import VALID
from tests.concurrency.crowd import race
from tests.factories import make_patient, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]
PROCESSES = 8

BORN = date(1980, 1, 1)


def crowd_at_one_record(*, unguarded: Callable[[], None] | None = None) -> list[object]:
    """Everybody in the crowd has a link of their own. Who was told the record is theirs."""
    ada, desk, now = make_patient(birth_date=BORN), make_user("", "front_desk"), timezone.now()
    people = [make_user() for _ in range(PROCESSES)]
    for number in range(PROCESSES):
        Invitation.objects.create(
            purpose=InvitationPurpose.PATIENT,
            patient=ada,
            email="ada@example.org",
            hashed=tokens.digest(f"link {number}"),
            created_by=desk,
            expires_at=now + VALID,
        )

    def attempt(chance: random.Random) -> object:
        me = chance.randrange(PROCESSES)
        outcome = claim_record(user=people[me], secret=f"link {me}", birth_date=BORN, now=now)
        return str(people[me].pk) if outcome == Claim.CLAIMED else ""

    outcome = race(PROCESSES, 3, attempt, unguarded=unguarded)
    assert outcome.broken == {}
    return [one for one in outcome.told if one]


def test_one_of_all_gets_the_record() -> None:
    told = crowd_at_one_record()

    assert [str(Patient.objects.get().user_id)] == told
    assert Event.objects.filter(verb="record_claimed").count() == 1
    assert Invitation.objects.exclude(accepted_at=None).count() == 1


def test_without_the_guard_several_are_told_that_it_is_theirs() -> None:
    assert len(crowd_at_one_record(unguarded=without_the_guard)) > 1


def without_the_guard() -> None:
    """Look, wait and write, as if the update had no condition."""

    def take(patient: Patient, user: User) -> bool:
        free = Patient.objects.filter(pk=patient.pk, user=None).exists()
        time.sleep(0.2)
        if free:
            Patient.objects.filter(pk=patient.pk).update(user=user)
        return free

    claiming.take = take
