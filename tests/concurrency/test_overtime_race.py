"""Overtime is opened and closed again while others book into it: nobody stands in hours that are
closed. Only the site's hours, which bookings share and taking overtime back has alone, see to that:
who books there brings a therapist and a room of their own.
"""

from __future__ import annotations

import random
import time
from contextlib import suppress
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from scheduling import locks
from scheduling.core.refusals import Code, Refused
from scheduling.core.repair import Option
from scheduling.models import Appointment, Closure, Disruption, Resource, Service, WeeklyHours
from scheduling.operations import undo_repair as undoing
from scheduling.operations.actor import Actor
from scheduling.operations.adjust import refresh
from scheduling.operations.apply_repair import apply_repair
from scheduling.operations.book import book_session
from scheduling.operations.close import close
from scheduling.operations.disrupt import disrupt
from scheduling.operations.take_option import take_option
from scheduling.operations.undo_repair import undo_repair
from tests.concurrency.crowd import (
    FORK,
    NONE,
    Attempt,
    damage,
    dawdling,
    deadlocks,
    race,
    without_lock,
)
from tests.conftest import SOAK
from tests.factories import (
    NOW,
    Clinic,
    at,
    make_appointment,
    make_clinic,
    make_patient,
    make_service,
    make_user,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]
SITES, PROCESSES, ATTEMPTS = (24, 10, 96) if SOAK else (8, 6, 16)
MANY = 500
"""The most that one person or room can be for at once."""
TEN, LATE = at("2026-12-01 10:00"), at("2026-12-01 16:30")
OVERTIME = DateTimeTZRange(at("2026-12-01 17:00"), LATE + timedelta(minutes=50))
EXPECTED = {
    Code.WRONG_STATE,
    Code.PROPOSAL_OUTDATED,
    Code.STALE,
    Code.OUTSIDE_HOURS,
    Code.NO_STAFF,
    Code.TAKEN,
    Code.BUSY,
}
TAKEN = Disruption.objects.select_related("site", "resource", "closure")


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


def taken(clinic: Clinic, desk: Actor) -> Disruption:
    """Tess Stone has only the end of that day, and stays twenty minutes. By then Toni Vega has
    come, who is there until seven, and has room for many while the site is open."""
    tess, toni = clinic.therapists
    units = [tess, clinic.rooms[0]]
    talk = make_appointment(make_patient(), make_service("therapy"), clinic.site, TEN, units)
    more = Resource.objects.filter(pk__in=[toni.pk, clinic.rooms[1].pk])
    more.update(active=False, capacity=MANY)
    WeeklyHours.objects.filter(site=clinic.site).update(end="17:00")
    WeeklyHours.objects.filter(resource=toni).update(end="19:00")
    leave, until = at("2026-12-02 00:00"), at("2027-06-01 00:00")
    close(actor=desk, resource=tess, start=leave, end=until, reason="leave", now=NOW)
    found = disrupt(actor=desk, resource=tess, start=NOW, end=LATE, reason="ill", now=NOW)
    found = take_option(
        actor=desk,
        disruption=found,
        appointment=talk.pk,
        option=Option.OVERTIME,
        start=int(LATE.timestamp()),
        now=NOW,
    )
    more.update(active=True)
    return apply_repair(actor=desk, disruption=found, now=NOW)


def book(disruption: Disruption, service: Service, desk: Actor, chance: random.Random) -> object:
    """A talk for somebody new in the overtime."""
    return book_session(
        actor=desk,
        patient=make_patient(str(chance.random())),
        service=service,
        site=disruption.site,
        start=LATE,
        now=NOW,
    ).pk


def undoing_and_booking(disruptions: list[Disruption], desk: Actor, again: float) -> Attempt:
    """At one site after the other: take the repair back, take it anew (as often
    as `again`), or book a talk into it."""
    service, rounds = make_service("therapy"), cycle(disruptions)

    def attempt(chance: random.Random) -> object:
        disruption, what = next(rounds), chance.random()
        if what < 0.3:
            return undo_repair(actor=desk, disruption=disruption, now=NOW).status
        if what < 0.3 + again:
            with suppress(Refused):
                refresh(TAKEN.get(pk=disruption.pk), NOW)
            return apply_repair(actor=desk, disruption=disruption, now=NOW).status
        return book(disruption, service, desk, chance)

    return attempt


def slow_to_close() -> None:
    """Wait between the look at who is there and the end of the transaction that closes."""
    undoing.close_again = dawdling(undoing.close_again)


def without_shared_hours() -> None:
    """Take the guard away."""
    without_lock(locks.SHARE_HOURS)


def in_the_dark() -> list[Appointment]:
    """Talks at a time when their site is closed."""
    there = Appointment.objects.filter(start=LATE, status="booked")
    lit = Closure.objects.filter(opens=True, during__contains=OVERTIME).values("site")
    return list(there.exclude(site__in=lit))


@pytest.mark.parametrize("again", [0.0, 0.2])
def test_whoever_books_into_it_finds_it_open(desk: Actor, again: float) -> None:
    disruptions = [taken(make_clinic(f"site{n}"), desk) for n in range(SITES)]
    before = deadlocks()

    attempt = undoing_and_booking(disruptions, desk, again)
    outcome = race(PROCESSES, ATTEMPTS, attempt, unguarded=slow_to_close)

    assert outcome.broken == {}
    assert damage() == NONE
    assert deadlocks() == before
    assert set(outcome.refused) <= EXPECTED
    booked = set(outcome.told) - {"applied", "proposed"}
    assert booked, "somebody was quicker than those who close"
    assert "proposed" in outcome.told, "and somebody closed"
    assert ("applied" in outcome.told) == bool(again)
    assert in_the_dark() == []


@pytest.mark.parametrize("guarded", [True, False])
def test_whoever_comes_while_it_is_closed_waits_and_looks_again(
    desk: Actor, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the shared hours they book, and stand in the dark."""
    disruption, service = taken(make_clinic(), desk), make_service("therapy")
    closing, close_for_good = FORK.Event(), undoing.close_again

    def close_slowly(*args: Any) -> None:
        close_for_good(*args)
        closing.set()
        time.sleep(1)  # until the transaction ends

    def attempt(chance: random.Random) -> object:
        assert closing.wait(30)
        return book(disruption, service, desk, chance)

    def take_back() -> None:
        undo_repair(actor=desk, disruption=disruption, now=NOW)

    monkeypatch.setattr(undoing, "close_again", close_slowly)
    without = None if guarded else without_shared_hours
    outcome = race(3, 1, attempt, unguarded=without, meanwhile=take_back)

    assert outcome.broken == {}
    assert len(in_the_dark()) == (0 if guarded else 3)
    assert outcome.refused == ({Code.OUTSIDE_HOURS: 3} if guarded else {})
