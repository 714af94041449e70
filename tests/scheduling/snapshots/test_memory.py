"""Masks follow the database: what others commit is seen by the next answer, and nothing else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from scheduling import snapshots
from scheduling.core.grid import ROW
from scheduling.models import Appointment, Reservation, ReservationChange, Resource, Site
from scheduling.selectors.services import core_service
from tests.factories import (
    NOW,
    at,
    make_appointment,
    make_closure,
    make_patient,
    make_person,
    make_place,
    make_service,
    make_site,
)

pytestmark = pytest.mark.django_db(transaction=True)
NINE = at("2026-12-01 09:00")


@pytest.fixture
def site() -> Site:
    """One therapist, one room."""
    site = make_site()
    make_person(site, "Tess", "therapist")
    make_place(site, "Room 1", "therapy_room")
    make_service("therapy")
    return site


def free(site: Site, start: datetime, now: datetime = NOW) -> bool:
    """Whether a therapy session could start then."""
    snapshot = snapshots.current(site, now)
    day, slot = snapshot.grid.locate(int(start.timestamp()))
    service = core_service("therapy", known=snapshot.services)
    return bool(snapshot.availability.start_mask(service) >> (ROW * day + slot) & 1)


def book(site: Site, start: datetime, **fields: object) -> Appointment:
    return make_appointment(
        make_patient(), make_service("therapy"), site, start, Resource.objects.all(), **fields
    )


def give_back(appointment: Appointment) -> None:
    with transaction.atomic():
        Reservation.objects.filter(appointment=appointment).delete()
        appointment.patient_time.delete()
        appointment.status = "cancelled"
        appointment.save()


@contextmanager
def another_process() -> Iterator[psycopg.Connection]:
    database = settings.DATABASES["default"]
    with psycopg.connect(
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"] or None,
        host=database["HOST"],
        port=database["PORT"] or None,
    ) as connection:
        yield connection


def reserve(connection: psycopg.Connection, appointment: Appointment, start: datetime) -> None:
    """One hour of the therapist, in a transaction that stays open."""
    connection.execute(
        "INSERT INTO scheduling_reservation (resource_id, lane, during, role, appointment_id)"
        " SELECT id, 0, tstzrange(%s, %s), 'therapist', %s FROM scheduling_resource"
        " WHERE name = 'Tess'",
        [start, start + timedelta(hours=1), appointment.pk],
    )


def test_what_is_booked_is_no_longer_free(site: Site) -> None:
    assert free(site, NINE)

    appointment = book(site, NINE)
    assert not free(site, NINE)
    assert free(site, NINE + timedelta(minutes=50))

    give_back(appointment)
    assert free(site, NINE)


def test_rows_that_commit_late_are_not_missed(site: Site) -> None:
    appointment = book(site, at("2026-12-09 09:00"))
    assert free(site, NINE)
    with another_process() as first, another_process() as second:
        reserve(first, appointment, NINE)
        reserve(second, appointment, at("2026-12-02 09:00"))
        second.commit()

        assert not free(site, at("2026-12-02 09:00"))
        assert free(site, NINE)

        first.commit()
        assert not free(site, NINE)


def test_what_is_rolled_back_was_never_there(site: Site) -> None:
    appointment = book(site, at("2026-12-09 09:00"))
    with another_process() as other:
        reserve(other, appointment, NINE)
        assert free(site, NINE)
        other.rollback()
    assert free(site, NINE)


def test_own_writes_are_seen_inside_the_transaction_and_forgotten_with_it(site: Site) -> None:
    assert free(site, NINE)
    with transaction.atomic():
        book(site, NINE)
        assert not free(site, NINE)
        transaction.set_rollback(True)
    assert free(site, NINE)


def test_a_hold_blocks_until_it_expires(site: Site) -> None:
    book(site, NINE, status="held", expires_at=NOW + timedelta(minutes=15))

    assert not free(site, NINE, NOW + timedelta(minutes=14, seconds=59))
    assert free(site, NINE, NOW + timedelta(minutes=15))


def test_a_hold_that_was_confirmed_stays(site: Site) -> None:
    held = book(site, NINE, status="held", expires_at=NOW + timedelta(minutes=15))
    assert not free(site, NINE)

    with transaction.atomic():
        held.reservations.update(expires_at=None)
        Appointment.objects.filter(pk=held.pk).update(status="booked")

    assert not free(site, NINE, NOW + timedelta(minutes=16))


def test_the_grid_moves_with_the_day(site: Site) -> None:
    first = snapshots.current(site, NOW).grid
    later = snapshots.current(site, NOW + timedelta(days=1)).grid

    assert first.first.isoformat() == "2026-11-22"
    assert later.first.isoformat() == "2026-11-23"
    assert later.days == first.days == 273


def test_a_closure_closes(site: Site) -> None:
    assert free(site, NINE)
    closure = make_closure(site, at("2026-12-01 00:00"), at("2026-12-02 00:00"))
    assert not free(site, NINE)
    closure.delete()
    assert free(site, NINE)


def test_a_change_of_the_service_counts_at_once(site: Site) -> None:
    late = at("2026-12-01 16:10")
    assert free(site, late)
    service = make_service("therapy")
    service.definition["phases"] = {"treat": 60}
    service.save()
    assert not free(site, late)


@pytest.mark.parametrize("bookings", [1, 3])
def test_staying_current_takes_two_queries_and_one_when_nothing_happened(
    site: Site, bookings: int, django_assert_num_queries: type[CaptureQueriesContext]
) -> None:
    snapshots.current(site, NOW)
    for hour in range(bookings):
        book(site, NINE + timedelta(hours=hour))

    with django_assert_num_queries(2):
        snapshots.current(site, NOW)
    with django_assert_num_queries(1):
        snapshots.current(site, NOW)


def test_a_snapshot_in_use_does_not_change(site: Site) -> None:
    before = snapshots.current(site, NOW)
    service = core_service("therapy", known=before.services)
    mask = before.availability.start_mask(service)

    book(site, NINE)
    after = snapshots.current(site, NOW)

    assert before.availability.start_mask(service) == mask
    assert after.availability.start_mask(service) != mask


def test_pruning_keeps_what_readers_may_ask_for(site: Site) -> None:
    snapshots.current(site, NOW)
    ReservationChange.objects.all().delete()
    book(site, NINE)
    ReservationChange.objects.create(xid=1, at=at("2020-01-01 00:00"))

    assert snapshots.prune_changes() == 1
    assert not free(site, NINE)


def test_threads_share_one_memory(site: Site) -> None:
    starts = [NINE + timedelta(days=day) for day in range(20)]

    def look() -> list[bool]:
        try:
            return [free(site, start) for _ in range(5) for start in starts]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        looking = [pool.submit(look) for _ in range(4)]
        for start in starts:
            book(site, start)
        for future in looking:
            future.result()

    assert not any(free(site, start) for start in starts)
