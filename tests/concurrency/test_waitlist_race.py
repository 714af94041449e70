"""Offers that are answered while others book: each freed time goes to one, and no acceptance that
was told is lost. Without the offer's row being looked at again the same time is given twice.

Reduced in the gate; `make soak`: 200 attempts for 50 freed times.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from scheduling.core.refusals import Code
from scheduling.models import (
    Appointment,
    Reservation,
    ReservationChange,
    Service,
    Site,
    WaitlistEntry,
    WaitlistOffer,
)
from scheduling.operations import answer_offer
from scheduling.operations.actor import Actor
from scheduling.operations.answer_offer import accept_offer, decline_offer
from scheduling.operations.book import book_session
from scheduling.operations.make_offer import make_offer
from tests.concurrency.crowd import NONE, Outcome, as_owner, damage, dawdling, race
from tests.conftest import SOAK
from tests.factories import (
    NOW,
    at,
    make_patient,
    make_person,
    make_place,
    make_services,
    make_site,
    make_user,
)
from tests.scheduling.operations.waiting import wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]
FREED, PROCESSES, ATTEMPTS = (50, 20, 10) if SOAK else (12, 6, 8)


@pytest.fixture
def site() -> Site:
    """A prescriber with one evaluation an hour; a room for each."""
    site = make_site()
    make_services()
    make_person(site, "Dr Pell", "prescriber", hours=("08:00", "18:00"))
    make_place(site, "Room 1", "therapy_room")
    Site.objects.update(waitlist_at_once=FREED)
    ReservationChange.objects.update(looked=True)
    return site


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


def offers(site: Site, desk: Actor) -> list[WaitlistOffer]:
    """As many times on offer as were freed, each to another patient."""
    made = []
    for number in range(FREED):
        day, hour = divmod(number, 10)
        start = at(f"2026-12-{(1, 2, 3, 4, 7)[day]:02d} {8 + hour:02d}:00")
        entry = wait(site, make_patient(f"Waits {number}"))
        made.append(make_offer(actor=desk, entry=entry, start=start, now=NOW))
    return made


def answering_and_booking(made: list[WaitlistOffer], site: Site, desk: Actor) -> Any:
    """Accept, decline, or book past the waitlist: any of the freed times."""
    evaluation = Service.objects.get(slug="evaluation")

    def attempt(chance: random.Random) -> object:
        offer = chance.choice(made)
        deed = chance.random()
        if deed < 0.5:
            accepted = accept_offer(actor=desk, offer=offer, now=NOW)
            assert accepted is not None
            return ("accepted", str(offer.pk), str(accepted.pk))
        if deed < 0.6:
            decline_offer(actor=desk, offer=offer, now=NOW)
            return ("declined", str(offer.pk), "")
        booked = book_session(
            actor=desk,
            patient=make_patient(f"Direct {chance.random()}"),
            service=evaluation,
            site=site,
            start=offer.start,
            now=NOW,
        )
        return ("booked", str(offer.pk), str(booked.pk))

    return attempt


def test_each_freed_time_goes_to_one_and_no_acceptance_is_lost(site: Site, desk: Actor) -> None:
    made = offers(site, desk)

    outcome = race(PROCESSES, ATTEMPTS, answering_and_booking(made, site, desk))

    assert damage() == NONE
    assert outcome.broken == {}
    assert set(outcome.refused) <= {Code.TAKEN, Code.OFFER_OVER, Code.OUTSIDE_HOURS}
    told = [deed for deed in outcome.told if isinstance(deed, tuple | list)]
    accepted = {offer: booked for what, offer, booked in told if what == "accepted"}
    assert len(accepted) == sum(what == "accepted" for what, _, _ in told), "taken twice"
    for offer, booked in accepted.items():
        row = WaitlistOffer.objects.get(pk=offer)
        one = Appointment.objects.get(pk=booked)
        assert (row.status, one.status, one.start) == ("accepted", "booked", row.start)
        assert one.patient_id == row.entry.patient_id
        assert row.entry.status == "accepted"
    assert none_twice(site)
    # What stands is held still, and what is over holds nothing.
    standing = WaitlistOffer.objects.filter(status="offered")
    assert Reservation.objects.filter(offer__in=standing).count() == 2 * standing.count()
    assert not Reservation.objects.filter(offer__isnull=False).exclude(offer__in=standing).exists()
    print(f"\n{len(accepted)} accepted, {len(told)} done; {dict(outcome.refused)}")
    assert accepted


def none_twice(site: Site) -> bool:
    """Whether no start of the one prescriber is booked twice."""
    starts = list(
        Appointment.objects.filter(site=site, status="booked").values_list("start", flat=True)
    )
    return len(starts) == len(set(starts))


def accepting(made: list[WaitlistOffer], desk: Actor) -> Any:
    """Several tabs of one patient, and the desk, answer one and the same offer."""

    def attempt(chance: random.Random) -> object:
        accept_offer(actor=desk, offer=made[0], now=NOW)
        return 1

    return attempt


def two_tabs(site: Site, desk: Actor, unguarded: Any = None) -> Outcome:
    made = offers(site, desk)[:1]
    return race(6, 2, accepting(made, desk), unguarded=unguarded)


def test_one_offer_is_taken_once(site: Site, desk: Actor) -> None:
    outcome = two_tabs(site, desk)

    assert len(outcome.told) == 1
    assert set(outcome.refused) == {Code.OFFER_OVER}
    assert WaitlistOffer.objects.filter(status="accepted").count() == 1


def without_a_second_look() -> None:
    """The offer's row is neither locked nor looked at again, and nobody waits for the patient."""
    answer_offer._require_standing = dawdling(lambda *_: None, 0.3)
    answer_offer.lock_booking = lambda *_args, **_values: None


def test_without_the_second_look_it_is_told_twice(site: Site, desk: Actor) -> None:
    outcome = two_tabs(site, desk, without_a_second_look)

    # The constraints still refuse a double booking; but more than one was told, or refused by
    # the database instead of by the offer's own state.
    assert len(outcome.told) > 1 or set(outcome.refused) != {Code.OFFER_OVER}
    assert damage() == NONE


def offering_by_hand(entries: list[WaitlistEntry], desk: Actor) -> Any:
    """Offer one entry any of its times, from many screens at once."""
    start = at("2026-12-01 08:00")

    def attempt(chance: random.Random) -> object:
        when = start + timedelta(hours=chance.randrange(9))
        return str(make_offer(actor=desk, entry=chance.choice(entries), start=when, now=NOW).pk)

    return attempt


def offered_many_times(site: Site, desk: Actor) -> Outcome:
    entry = wait(site, make_patient())
    return race(6, 2, offering_by_hand([entry], desk))


def test_an_entry_is_offered_one_time_at_a_time(site: Site, desk: Actor) -> None:
    outcome = offered_many_times(site, desk)

    assert len(outcome.told) == 1
    assert set(outcome.refused) <= {Code.ON_OFFER, Code.TAKEN, Code.NOT_WANTED}


def test_without_the_constraint_it_is_offered_several(site: Site, desk: Actor) -> None:
    as_owner("DROP INDEX waitlist_offer_once")
    try:
        outcome = offered_many_times(site, desk)
        assert len(outcome.told) > 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM scheduling_reservation; DELETE FROM scheduling_waitlistoffer"
            )
        as_owner(
            "CREATE UNIQUE INDEX waitlist_offer_once ON scheduling_waitlistoffer (entry_id)"
            " WHERE status = 'offered'"
        )
