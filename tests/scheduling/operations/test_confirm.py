"""A hold becomes a course; a visitor's hold becomes a patient's."""

from datetime import timedelta

import pytest

from scheduling.core.refusals import Code, Refused
from scheduling.models import Event, Gate, ProtocolVersion, Reservation, StaffTask
from scheduling.operations.actor import Actor
from scheduling.operations.claim import claim
from scheduling.operations.confirm import confirm
from scheduling.operations.expire import expire_due
from scheduling.operations.extend import extend
from scheduling.operations.release import release
from tests.factories import (
    NOW,
    Clinic,
    make_clinic,
    make_patient,
    make_protocol_version,
    make_user,
)
from tests.scheduling.operations.booking import book, find_times, hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def version() -> ProtocolVersion:
    return make_protocol_version("trd_iv6")


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


def code_of(call, **arguments) -> Code:
    with pytest.raises(Refused) as caught:
        call(**arguments)
    [refusal] = caught.value.refusals
    return refusal.code


def test_sessions_are_booked_and_gates_open(
    clinic: Clinic, version: ProtocolVersion, desk: Actor
) -> None:
    plan = book(clinic, version, make_patient(), desk)

    assert (plan.status, plan.expires_at, plan.clearance) == ("active", None, "pending")
    assert set(plan.appointments.values_list("status", "expires_at")) == {("booked", None)}
    assert not Reservation.objects.exclude(expires_at=None).exists()
    assert Event.objects.filter(verb="booked", actor=desk.user).count() == 14
    first = plan.appointments.get(step="inf.1")
    due = {gate.code: first.start - gate.due_at for gate in first.gates.all()}
    assert due == {
        "screening": timedelta(0),
        "ride": timedelta(hours=24),
        "fasting": timedelta(0),
        "education": timedelta(0),
    }
    course = {gate.code: gate.due_at for gate in plan.gates.filter(appointment=None)}
    assert course == {
        "clearance": first.start - timedelta(hours=72),
        "consent": first.start - timedelta(hours=24),
    }
    assert Gate.objects.exclude(status="open").count() == 0
    [task] = StaffTask.objects.all()
    assert (task.kind, task.role, task.care_plan) == ("clearance_wanted", "prescriber", plan)


def test_an_expired_hold_is_refused_before_and_after_the_sweep(
    clinic: Clinic, version: ProtocolVersion, desk: Actor
) -> None:
    plan = hold(clinic, version, make_patient(), actor=desk)
    late = NOW + timedelta(minutes=15)
    asked = {"actor": desk, "care_plan": plan, "version": None, "now": late}

    assert code_of(confirm, **asked) == Code.HOLD_EXPIRED
    expire_due(late)
    assert code_of(confirm, **asked) == Code.HOLD_EXPIRED


def test_a_hold_is_prolonged_once(clinic: Clinic, version: ProtocolVersion, desk: Actor) -> None:
    plan = hold(clinic, version, make_patient(), actor=desk)
    later = NOW + timedelta(minutes=10)

    extend(actor=desk, care_plan=plan, now=later)

    plan.refresh_from_db()
    until = later + timedelta(minutes=15)
    assert plan.expires_at == until
    assert set(Reservation.objects.values_list("expires_at", flat=True)) == {until}
    assert code_of(extend, actor=desk, care_plan=plan, now=later) == Code.HOLD_LIMIT
    assert code_of(extend, actor=desk, care_plan=plan, now=until) == Code.HOLD_EXPIRED


def test_a_released_hold_frees_everything(
    clinic: Clinic, version: ProtocolVersion, desk: Actor
) -> None:
    plan = hold(clinic, version, make_patient(), actor=desk)

    release(actor=desk, care_plan=plan, version=plan.version, now=NOW)

    plan.refresh_from_db()
    assert plan.status == "released"
    assert not Reservation.objects.exists()
    again = {"actor": desk, "care_plan": plan, "version": None, "now": NOW}
    assert code_of(release, **again) == Code.WRONG_STATE
    assert code_of(confirm, **again) == Code.WRONG_STATE


def test_a_stale_version_confirms_nothing(
    clinic: Clinic, version: ProtocolVersion, desk: Actor
) -> None:
    plan = hold(clinic, version, make_patient(), actor=desk)
    seen = plan.version
    extend(actor=desk, care_plan=plan, now=NOW)

    asked = {"actor": desk, "care_plan": plan, "version": seen, "now": NOW}
    assert code_of(confirm, **asked) == Code.STALE


def test_a_visitor_signs_in_before_confirming(clinic: Clinic, version: ProtocolVersion) -> None:
    visitor = make_patient("", "", visitor_key="hash", birth_date=None)
    plan = hold(clinic, version, visitor)
    asked = {"care_plan": plan, "version": None, "now": NOW}
    assert code_of(confirm, actor=Actor.visitor(visitor), **asked) == Code.NOT_ALLOWED

    ada = make_user("ada@example.org")
    own = claim(visitor_patient=visitor, user=ada, now=NOW)

    assert (own.pk, own.user, own.visitor_key) == (visitor.pk, ada, None)
    assert confirm(actor=Actor.of(ada), **asked).status == "active"


def test_a_claimed_hold_replaces_the_patients_own(clinic: Clinic, version: ProtocolVersion) -> None:
    ada = make_user("ada@example.org")
    own = make_patient(user=ada)
    older = hold(clinic, version, own)
    visitor = make_patient("", "", visitor_key="hash", birth_date=None)
    plan = hold(clinic, version, visitor, times=find_times(clinic, version))

    assert claim(visitor_patient=visitor, user=ada, now=NOW) == own

    older.refresh_from_db()
    plan.refresh_from_db()
    assert (older.status, plan.status, plan.patient) == ("released", "held", own)
    assert set(plan.appointments.values_list("patient", flat=True)) == {own.pk}


def test_a_second_course_of_treatment_needs_a_prescriber(
    clinic: Clinic, version: ProtocolVersion, desk: Actor
) -> None:
    ada = make_patient()
    book(clinic, version, ada, desk)
    prescriber = Actor.of(make_user("pell@example.org", "prescriber"))
    later = find_times(clinic, version, earliest=NOW.date() + timedelta(days=60))

    with pytest.raises(Refused) as caught:
        hold(clinic, version, ada, actor=desk, times=later)
    assert Code.SECOND_TREATMENT_PLAN in {one.code for one in caught.value.refusals}

    plan = hold(clinic, version, ada, actor=prescriber, times=later, earliest=None)
    assert plan.status == "held"
