"""A repair is taken by several desks at once, and while others book what it needs: once, and all of
it or nothing."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from scheduling.core.refusals import Code, Refused
from scheduling.models import (
    Appointment,
    Disruption,
    Event,
    ProtocolVersion,
    Reservation,
    Resource,
    StaffTask,
)
from scheduling.operations import apply_repair as applying
from scheduling.operations.actor import Actor
from scheduling.operations.apply_repair import apply_repair
from scheduling.operations.book import book_session
from scheduling.operations.close import AFFECTED, close
from scheduling.operations.disrupt import disrupt
from tests.concurrency.crowd import NONE, Attempt, damage, dawdling, race
from tests.factories import NOW, Clinic, make_patient, make_service, make_user
from tests.scheduling.operations.booking import book
from tests.scheduling.operations.care import load_clinic

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]
PROCESSES, ATTEMPTS = 6, 3


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


@pytest.fixture
def proposed(clinic: Clinic, desk: Actor) -> Disruption:
    """The therapist of two courses is out for two weeks."""
    version = ProtocolVersion.objects.get(protocol="trd_iv6")
    for name in ("Ada", "Grace"):
        book(clinic, version, make_patient(name), desk)
    talk = Appointment.objects.filter(reservations__role="therapist").order_by("start")[0]
    start = talk.start.replace(hour=7, minute=0)
    therapist = talk.reservations.get(role="therapist").resource
    found = disrupt(
        actor=desk,
        resource=therapist,
        start=start,
        end=start + timedelta(days=14),
        reason="ill",
        now=NOW,
    )
    assert len(found.proposal["changes"]) > 2
    return found


def slow_look() -> None:
    """Wait between the last look and the write."""
    applying.still_true = dawdling(applying.still_true)


def moves_of(disruption: Disruption) -> Counter[object]:
    moved = Event.objects.filter(
        verb__in=["moved", "rebound"], facts__disruption=str(disruption.pk)
    )
    return Counter(moved.values_list("appointment", flat=True))


def taking(desk: Actor, disruption: Disruption) -> Attempt:
    def attempt(chance: random.Random) -> object:
        return apply_repair(actor=desk, disruption=disruption, now=NOW).pk

    return attempt


def test_of_many_desks_one_takes_it(desk: Actor, proposed: Disruption) -> None:
    outcome = race(PROCESSES, ATTEMPTS, taking(desk, proposed), unguarded=slow_look)

    assert damage() == NONE
    assert outcome.broken == {}
    assert outcome.told == [proposed.pk]
    assert set(outcome.refused) == {Code.WRONG_STATE}
    assert set(moves_of(proposed).values()) == {1}


def test_without_its_lock_desks_get_in_each_others_way(desk: Actor, proposed: Disruption) -> None:
    def unlocked() -> None:
        slow_look()
        rows = Disruption.objects.select_related("site", "closure")
        applying._locked = lambda key: rows.get(pk=key)

    outcome = race(PROCESSES, ATTEMPTS, taking(desk, proposed), unguarded=unlocked)

    # What each moves is still guarded by itself; but desks are told that the world has moved, when
    # it was a colleague who took the very same proposal.
    assert damage() == NONE
    assert Code.PROPOSAL_OUTDATED in outcome.refused


def test_while_others_book_what_it_needs_all_of_it_moves_or_nothing(
    clinic: Clinic, desk: Actor, proposed: Disruption
) -> None:
    outcome = race(
        PROCESSES,
        ATTEMPTS,
        taking_or_booking(clinic, desk, proposed),
        unguarded=slow_look,
    )

    wanted = {one["appointment"] for one in proposed.proposal["changes"]}
    moved = {str(key) for key in moves_of(proposed)}
    assert damage() == NONE
    assert outcome.broken == {}
    assert moved in (set(), wanted)
    applied = Disruption.objects.get(pk=proposed.pk).status == "applied"
    assert applied == (moved == wanted)
    assert outcome.refused


def taking_or_booking(clinic: Clinic, desk: Actor, proposed: Disruption) -> Attempt:
    """Half of them take the repair, half book a talk where one of its sessions would go."""
    service = make_service("therapy")
    changes = proposed.proposal["changes"]

    def attempt(chance: random.Random) -> object:
        if chance.random() < 0.5:
            return apply_repair(actor=desk, disruption=proposed, now=NOW).pk
        start = chance.choice(changes)["start"]
        return book_session(
            actor=desk,
            patient=make_patient(str(chance.random())),
            service=service,
            site=clinic.site,
            start=datetime.fromtimestamp(start, tz=NOW.tzinfo),
            now=NOW,
        ).pk

    return attempt


@pytest.mark.parametrize("guarded", [True, False])
def test_who_takes_over_is_looked_at_once_more(
    desk: Actor, proposed: Disruption, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was to take over is closed before it is agreed to. Without the last look sessions go to
    somebody who is not there."""
    other = next(
        Resource.objects.get(pk=unit)
        for role, unit, *_ in proposed.proposal["changes"][0]["taken"]
        if role == "therapist"
    )
    during = proposed.during
    close(actor=desk, resource=other, start=during.lower, end=during.upper, reason="ill", now=NOW)
    if not guarded:
        monkeypatch.setattr(applying, "still_true", lambda *args: True)

    with suppress(Refused):
        apply_repair(actor=desk, disruption=proposed, now=NOW)

    unnoticed = (
        Reservation.objects.filter(resource=other, during__overlap=during)
        .exclude(
            appointment__in=StaffTask.objects.filter(kind=AFFECTED, finished_at=None).values(
                "appointment"
            )
        )
        .count()
    )
    assert bool(unnoticed) is not guarded
