"""A course is held whole or not at all; what it holds ends by itself."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import PatientStatus
from scheduling.core.refusals import Code, Refused
from scheduling.models import (
    Appointment,
    CarePlan,
    Event,
    PatientTime,
    ProtocolVersion,
    Reservation,
    TreatmentSpacing,
)
from scheduling.operations.actor import Actor
from scheduling.operations.expire import expire_due
from scheduling.operations.hold import Wanted
from tests.factories import (
    NOW,
    Clinic,
    make_appointment,
    make_clinic,
    make_patient,
    make_protocol_version,
    make_service,
    make_user,
)
from tests.scheduling.operations.booking import find_times, hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def version() -> ProtocolVersion:
    return make_protocol_version("trd_iv6")


def codes(refused: Refused) -> set[Code]:
    return {refusal.code for refusal in refused.refusals}


def test_every_session_is_held_with_what_it_needs(clinic: Clinic, version: ProtocolVersion) -> None:
    ada = make_patient()

    plan = hold(clinic, version, ada)

    sessions = list(plan.appointments.all())
    assert (plan.status, plan.sessions, len(sessions)) == ("held", 14, 14)
    assert plan.expires_at == NOW + timedelta(minutes=15)
    assert {one.status for one in sessions} == {"held"}
    assert PatientTime.objects.filter(patient=ada, expires_at=plan.expires_at).count() == 14
    assert TreatmentSpacing.objects.filter(patient=ada).count() == 6
    first = plan.appointments.get(step="inf.1")
    roles = sorted(first.reservations.values_list("role", flat=True))
    # Alone at a first dose: the nurse's both lanes, in each of three phases.
    assert roles == ["infusion_chair", *["nurse"] * 6, "prescriber"]
    assert Event.objects.filter(verb="held", patient=ada, actor_label="visitor").count() == 14


def test_nothing_is_held_where_one_time_is_taken(clinic: Clinic, version: ProtocolVersion) -> None:
    times = find_times(clinic, version)
    review = times["review.1"].start
    talk = make_service("review")
    make_appointment(make_patient("Ben"), talk, clinic.site, review, [clinic.prescriber])

    with pytest.raises(Refused) as caught:
        hold(clinic, version, make_patient("Ada"), times=times)

    [refusal] = caught.value.refusals
    assert (refusal.code, refusal.facts["step"]) == (Code.TAKEN, "review.1")
    offered = caught.value.alternatives["review.1"]
    assert len(offered) == 3
    assert review not in offered
    assert not CarePlan.objects.exists()


def test_a_time_offered_instead_can_be_held(clinic: Clinic, version: ProtocolVersion) -> None:
    times = find_times(clinic, version)
    talk = make_service("review")
    review = times["review.1"].start
    make_appointment(make_patient("Ben"), talk, clinic.site, review, [clinic.prescriber])
    with pytest.raises(Refused) as caught:
        hold(clinic, version, make_patient("Ada"), times=times)
    times["review.1"] = Wanted(caught.value.alternatives["review.1"][0])

    assert hold(clinic, version, make_patient("Ada"), times=times).status == "held"


def test_a_newer_hold_gives_the_older_back(clinic: Clinic, version: ProtocolVersion) -> None:
    ada = make_patient()
    older = hold(clinic, version, ada)
    times = {step: Wanted(one.start) for step, one in by_step(older).items()}

    newer = hold(clinic, version, ada, times=times, now=NOW + timedelta(minutes=1))

    older.refresh_from_db()
    assert (older.status, older.reason, newer.status) == ("released", "replaced", "held")
    assert Appointment.objects.filter(status="held").count() == 14


def by_step(plan: CarePlan) -> dict[str, Appointment]:
    return {one.step: one for one in plan.appointments.all()}


def test_an_expired_hold_is_in_nobodys_way(clinic: Clinic, version: ProtocolVersion) -> None:
    times = find_times(clinic, version)
    first = hold(clinic, version, make_patient("Ada"), times=times)
    later = NOW + timedelta(minutes=16)

    second = hold(clinic, version, make_patient("Ben"), times=times, now=later)

    first.refresh_from_db()
    assert (first.status, second.status) == ("expired", "held")
    assert not Reservation.objects.filter(appointment__care_plan=first).exists()


def test_the_sweep_ends_a_hold_once(clinic: Clinic, version: ProtocolVersion) -> None:
    plan = hold(clinic, version, make_patient())
    later = NOW + timedelta(minutes=15)

    assert [expire_due(NOW), expire_due(later), expire_due(later)] == [0, 1, 0]

    plan.refresh_from_db()
    assert plan.status == "expired"
    assert Event.objects.filter(verb="expired", actor_label="sweep").count() == 14
    assert not Reservation.objects.exists()
    assert not PatientTime.objects.exists()
    assert not TreatmentSpacing.objects.exists()


def test_queries_do_not_grow_with_the_course(clinic: Clinic, version: ProtocolVersion) -> None:
    times = find_times(clinic, version)
    hold(clinic, version, make_patient("Warm"), times=times)  # fills this process's masks
    ada = make_patient()
    expire_due(NOW + timedelta(hours=1))

    with CaptureQueriesContext(connection) as fourteen:
        hold(clinic, version, ada, times=times, now=NOW + timedelta(hours=1))

    assert len(fourteen) == 17, "\n".join(one["sql"][:150] for one in fourteen.captured_queries)


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        (PatientStatus.IN_HOSPITAL, True),
        (PatientStatus.DO_NOT_CONTACT, True),
        (PatientStatus.DECEASED, True),
        (PatientStatus.INACTIVE, False),
    ],
)
def test_online_booking_is_closed_where_messages_have_stopped(
    clinic: Clinic, version: ProtocolVersion, status: str, refused: bool
) -> None:
    ada = make_patient(status=status)

    if refused:
        with pytest.raises(Refused) as caught:
            hold(clinic, version, ada)
        assert codes(caught.value) == {Code.PATIENT_STATUS}
    else:
        assert hold(clinic, version, ada).status == "held"


def test_every_reason_is_told(clinic: Clinic, version: ProtocolVersion) -> None:
    times = find_times(clinic, version)
    del times["review.1"]
    times["eval.1"] = Wanted(NOW - timedelta(hours=1, seconds=7))
    times["inf.2"] = Wanted(times["inf.1"].start + timedelta(days=1))

    with pytest.raises(Refused) as caught:
        hold(clinic, version, make_patient(), times=times)

    assert codes(caught.value) >= {Code.STEP_MISSING, Code.IN_THE_PAST, Code.OFF_GRID, Code.GAP}
    assert not CarePlan.objects.exists()


def test_nobody_books_for_somebody_else(clinic: Clinic, version: ProtocolVersion) -> None:
    stranger = make_user("stranger@example.org")
    ada = make_patient()

    with pytest.raises(Refused) as caught:
        hold(clinic, version, ada, actor=Actor.of(stranger))

    assert codes(caught.value) == {Code.NOT_ALLOWED}
