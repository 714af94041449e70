"""Single sessions beside courses: who may book them, what they keep away from, how they end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Patient
from scheduling.core.refusals import Code, Refused
from scheduling.models import (
    Appointment,
    Event,
    ProtocolVersion,
    Reservation,
    StaffTask,
    TreatmentSpacing,
)
from scheduling.operations.actor import Actor
from scheduling.operations.add_block import add_block
from scheduling.operations.book import book_session
from scheduling.operations.cancel import cancel
from scheduling.tasks import sweep
from tests.factories import (
    NOW,
    Clinic,
    at,
    make_clinic,
    make_meeting,
    make_patient,
    make_protocol_version,
    make_service,
    make_user,
)
from tests.scheduling.operations.booking import book

pytestmark = pytest.mark.django_db(transaction=True)
NINE = at("2026-12-01 09:00")


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


@pytest.fixture
def ada() -> Patient:
    return make_patient(user=make_user("ada@example.org"))


def book_one(clinic: Clinic, slug: str, actor: Actor, patient: Patient, start=NINE, **more):
    return book_session(
        actor=actor,
        patient=patient,
        service=make_service(slug),
        site=clinic.site,
        start=start,
        now=NOW,
        **more,
    )


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[Code]:
    return [one.code for one in refused.value.refusals]


def test_a_session_is_booked_with_person_and_room(
    clinic: Clinic, desk: Actor, ada: Patient
) -> None:
    vega = str(clinic.therapists[1].pk)

    booked = book_one(clinic, "therapy", desk, ada, practitioners={"therapist": vega})

    assert (booked.status, booked.end - booked.start) == ("booked", timedelta(minutes=50))
    held = {row.role: str(row.resource_id) for row in booked.reservations.all()}
    assert held.keys() == {"therapist", "therapy_room"}
    assert held["therapist"] == vega
    assert Event.objects.get(appointment=booked).verb == "booked"


def test_video_takes_no_room(clinic: Clinic, desk: Actor, ada: Patient) -> None:
    booked = book_one(clinic, "therapy", desk, ada, mode="video")

    assert {row.role for row in booked.reservations.all()} == {"therapist"}


@pytest.mark.parametrize(
    ("service", "code"), [("infusion", Code.NEEDS_PLAN), ("therapy", Code.NOT_CLEARED)]
)
def test_patients_book_no_treatment_alone_and_nothing_before_an_evaluation(
    clinic: Clinic, ada: Patient, service: str, code: Code
) -> None:
    with pytest.raises(Refused) as refused:
        book_one(clinic, service, Actor.of(ada.user), ada)

    assert codes(refused) == [code]


def test_spacing_holds_across_a_course_a_visit_and_imported_history(
    clinic: Clinic, desk: Actor, ada: Patient
) -> None:
    plan = book(clinic, make_protocol_version("trd_iv6"), ada, desk)
    first = plan.appointments.get(step="inf.1").start
    with pytest.raises(Refused) as beside_course:
        book_one(clinic, "infusion", desk, ada, start=first + timedelta(days=1))
    ben = make_patient("Ben")
    TreatmentSpacing.objects.create(patient=ben, days=("2026-11-30", "2026-12-02"))
    with pytest.raises(Refused) as beside_history:
        book_one(clinic, "infusion", desk, ben)

    assert Code.SPACING in codes(beside_course)
    assert codes(beside_history) == [Code.SPACING]
    assert book_one(clinic, "infusion", desk, ben, start=NINE + timedelta(days=1)).treatment


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (NOW - timedelta(hours=1), Code.IN_THE_PAST),
        (NINE + timedelta(minutes=2), Code.OFF_GRID),
        (at("9999-12-30 09:00"), Code.BEYOND_HORIZON),
        (at("2026-12-05 09:00"), Code.OUTSIDE_HOURS),
    ],
)
def test_impossible_times(clinic: Clinic, desk: Actor, ada: Patient, start, code: Code) -> None:
    with pytest.raises(Refused) as refused:
        book_one(clinic, "review", desk, ada, start=start)

    assert code in codes(refused)


def test_a_full_time_is_refused_and_two_others_offered(
    clinic: Clinic, desk: Actor, ada: Patient
) -> None:
    book_one(clinic, "review", desk, make_patient("Ben"))

    with pytest.raises(Refused) as refused:
        book_one(clinic, "review", desk, ada)

    assert codes(refused) == [Code.TAKEN]
    offered = refused.value.alternatives[""]
    assert NINE + timedelta(minutes=20) in offered
    assert NINE not in offered


def test_every_seat_of_a_group_is_filled_and_no_more(clinic: Clinic, desk: Actor) -> None:
    service = make_service("lifestyle_group")
    make_meeting(clinic.group, service, clinic.coach, clinic.group_room, NINE + timedelta(hours=3))
    start = NINE + timedelta(hours=3)

    for number in range(8):
        book_one(clinic, "lifestyle_group", desk, make_patient(f"P{number}"), start=start)
    with pytest.raises(Refused) as refused:
        book_one(clinic, "lifestyle_group", desk, make_patient("Late"), start=start)

    assert codes(refused) == [Code.TAKEN]
    seats = Reservation.objects.filter(resource=clinic.group)
    assert sorted(seats.values_list("lane", flat=True)) == list(range(8))


def test_cancelling_frees_the_time_and_marks_it_late(
    clinic: Clinic, desk: Actor, ada: Patient
) -> None:
    soon = book_one(clinic, "review", desk, ada, start=NOW + timedelta(hours=2))
    later = book_one(clinic, "review", desk, ada, start=NINE)
    asked = {"actor": desk, "reason": "patient_request", "version": None, "now": NOW}

    assert cancel(appointment=soon, **asked).late
    assert not cancel(appointment=later, **asked).late

    assert not Reservation.objects.exists()
    later.refresh_from_db()
    assert (later.status, later.sequence) == ("cancelled", 1)
    with pytest.raises(Refused) as again:
        cancel(appointment=later, **asked)
    assert codes(again) == [Code.WRONG_STATE]
    with pytest.raises(Refused) as unknown:
        cancel(appointment=book_one(clinic, "review", desk, ada), **asked | {"reason": "whim"})
    assert codes(unknown) == [Code.UNKNOWN]


def test_a_course_that_loses_a_session_asks_the_desk(
    clinic: Clinic, desk: Actor, ada: Patient
) -> None:
    plan = book(clinic, make_protocol_version("trd_iv6"), ada, desk)
    review = plan.appointments.get(step="review.1")

    cancel(actor=desk, appointment=review, reason="clinic", version=review.version, now=NOW)

    plan.refresh_from_db()
    assert plan.status == "active"
    assert StaffTask.objects.get(kind="step_cancelled").facts == {"step": "review.1"}


def test_a_block_is_added_whole(clinic: Clinic, desk: Actor, ada: Patient) -> None:
    plan = book(clinic, make_protocol_version("trd_iv6"), ada, desk)

    grown = add_block(actor=desk, care_plan=plan, block="counsel", version=None, now=NOW)

    assert (grown.blocks, grown.sessions) == (["counsel"], 18)
    added = grown.appointments.filter(block="counsel")
    assert set(added.values_list("status", flat=True)) == {"booked"}
    assert Reservation.objects.filter(appointment__in=added, role="counsellor").count() == 4
    with pytest.raises(Refused) as twice:
        add_block(actor=desk, care_plan=plan, block="counsel", version=None, now=NOW)
    assert codes(twice) == [Code.WRONG_STATE]
    with pytest.raises(Refused) as unknown:
        add_block(actor=desk, care_plan=plan, block="dance", version=None, now=NOW)
    assert codes(unknown) == [Code.UNKNOWN]


def test_a_block_without_a_place_changes_nothing(clinic: Clinic, desk: Actor, ada: Patient) -> None:
    version: ProtocolVersion = make_protocol_version("trd_iv6")
    plan = book(clinic, version, ada, desk)

    with pytest.raises(Refused) as refused:  # no group meets
        add_block(actor=desk, care_plan=plan, block="lifestyle", version=None, now=NOW)

    assert codes(refused) == [Code.NO_PLAN]
    plan.refresh_from_db()
    assert (plan.blocks, plan.appointments.count()) == ([], 14)


def test_the_sweep_ends_a_hold_and_may_run_twice(clinic: Clinic, desk: Actor, ada: Patient) -> None:
    held = book_one(clinic, "review", desk, ada, hold_minutes=15)
    Appointment.objects.filter(pk=held.pk).update(expires_at=timezone.now())

    sweep()
    sweep()

    held.refresh_from_db()
    assert held.status == "expired"
    assert Event.objects.filter(verb="expired").count() == 1
