"""A visit outside a course is held, prolonged, claimed at sign-in and booked, or none of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Patient
from scheduling.core.refusals import Code, Refused
from scheduling.models import Appointment, Event, Reservation
from scheduling.operations.actor import Actor
from scheduling.operations.claim import claim
from scheduling.operations.confirm_visit import confirm_visit
from scheduling.operations.expire import expire_due
from scheduling.operations.hold_visit import hold_visit
from tests.factories import NOW, Clinic, at, make_clinic, make_patient, make_service, make_user

pytestmark = pytest.mark.django_db(transaction=True)
NINE, TEN = at("2026-11-25 09:00"), at("2026-11-25 10:00")
LATER = NOW + timedelta(minutes=16)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def visitor() -> Patient:
    return Patient.objects.create(visitor_key="x" * 64)


@pytest.fixture
def ada() -> Patient:
    return make_patient(user=make_user("ada@example.org"))


def hold(clinic: Clinic, patient: Patient, start: object = NINE) -> Appointment:
    actor = Actor.of(patient.user) if patient.user else Actor.visitor(patient)
    return hold_visit(
        actor=actor,
        patient=patient,
        service=make_service("evaluation"),
        site=clinic.site,
        start=start,
        now=NOW,
    )


def refusal_of(**arguments: object) -> Code:
    with pytest.raises(Refused) as caught:
        confirm_visit(**arguments)  # type: ignore[arg-type]
    [refusal] = caught.value.refusals
    return refusal.code


def test_what_is_held_becomes_booked_for_good(clinic: Clinic, ada: Patient) -> None:
    held = hold(clinic, ada)

    booked = confirm_visit(
        actor=Actor.of(ada.user), appointment=held, version=held.version, now=NOW
    )

    assert booked.status == "booked"
    assert not Reservation.objects.exclude(expires_at=None).exists()
    assert list(Event.objects.order_by("id").values_list("verb", flat=True)) == ["held", "booked"]
    expire_due(LATER)
    booked.refresh_from_db()
    assert booked.status == "booked"


def test_an_ended_hold_is_not_booked_swept_or_not(clinic: Clinic, ada: Patient) -> None:
    held, actor = hold(clinic, ada), Actor.of(ada.user)

    unswept = refusal_of(actor=actor, appointment=held, version=None, now=LATER)
    expire_due(LATER)
    swept = refusal_of(actor=actor, appointment=held, version=None, now=LATER)

    assert (unswept, swept) == (Code.HOLD_EXPIRED, Code.HOLD_EXPIRED)


def test_a_visitor_and_a_stranger_book_nothing(clinic: Clinic, visitor: Patient) -> None:
    held = hold(clinic, visitor)
    stranger = Actor.of(make_patient("Otto", user=make_user("otto@example.org")).user)

    for actor in (Actor.visitor(visitor), stranger):
        assert refusal_of(actor=actor, appointment=held, version=None, now=NOW) == Code.NOT_ALLOWED
    held.refresh_from_db()
    assert held.status == "held"


def test_booking_twice_and_from_an_old_page_is_refused(clinic: Clinic, ada: Patient) -> None:
    held, actor = hold(clinic, ada), Actor.of(ada.user)
    stale = refusal_of(actor=actor, appointment=held, version=held.version + 1, now=NOW)
    confirm_visit(actor=actor, appointment=held, version=None, now=NOW)

    again = refusal_of(actor=actor, appointment=held, version=None, now=NOW)

    assert (stale, again) == (Code.STALE, Code.WRONG_STATE)


def test_signing_in_takes_the_hold_along(clinic: Clinic, visitor: Patient, ada: Patient) -> None:
    held = hold(clinic, visitor)

    claim(visitor_patient=visitor, user=ada.user, now=NOW)  # type: ignore[arg-type]

    held.refresh_from_db()
    assert held.patient == ada
    confirm_visit(actor=Actor.of(ada.user), appointment=held, version=None, now=NOW)


def test_another_time_gives_the_first_back(clinic: Clinic, visitor: Patient) -> None:
    first = hold(clinic, visitor, NINE)

    second = hold(clinic, visitor, TEN)

    first.refresh_from_db()
    assert (first.status, second.status) == ("released", "held")
    assert set(Reservation.objects.values_list("appointment_id", flat=True)) == {second.pk}


def test_the_same_time_again_is_the_same_hold(clinic: Clinic, visitor: Patient) -> None:
    assert hold(clinic, visitor) == hold(clinic, visitor)
    assert Event.objects.filter(verb="held").count() == 1
