"""An ended hold is taken again at its old times, whole or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.core.refusals import Code, Refused
from scheduling.models import CarePlan, ProtocolVersion
from scheduling.operations.actor import Actor
from scheduling.operations.confirm import confirm
from scheduling.operations.expire import expire_due
from scheduling.operations.release import release
from scheduling.operations.retake import retake
from tests.factories import NOW, Clinic, make_clinic, make_patient, make_protocol_version, make_user
from tests.scheduling.operations.booking import find_times, hold

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=16)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def version() -> ProtocolVersion:
    return make_protocol_version("trd_iv6")


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


def times(plan: CarePlan) -> set[tuple[str, object]]:
    return set(plan.appointments.values_list("step", "start"))


@pytest.mark.parametrize("swept", [False, True])
def test_all_times_are_held_again(
    clinic: Clinic, version: ProtocolVersion, desk: Actor, swept: bool
) -> None:
    ended = hold(clinic, version, make_patient(), actor=desk)
    if swept:
        expire_due(LATER)

    again = retake(actor=desk, care_plan=ended, now=LATER)

    assert (again.status, again.expires_at) == ("held", LATER + timedelta(minutes=15))
    assert times(again) == times(ended)


def test_what_was_given_back_can_be_taken_again(
    clinic: Clinic, version: ProtocolVersion, desk: Actor
) -> None:
    plan = hold(clinic, version, make_patient(), actor=desk)
    release(actor=desk, care_plan=plan, version=None, now=NOW)
    plan.refresh_from_db()

    assert times(retake(actor=desk, care_plan=plan, now=NOW)) == times(plan)


def test_a_time_taken_meanwhile_is_named_and_nothing_is_held(
    clinic: Clinic, version: ProtocolVersion, desk: Actor
) -> None:
    times_of_ada = find_times(clinic, version)
    ended = hold(clinic, version, make_patient(), actor=desk, times=times_of_ada)
    expire_due(LATER)
    hold(clinic, version, make_patient("Otto"), actor=desk, times=times_of_ada, now=LATER)

    with pytest.raises(Refused) as caught:
        retake(actor=desk, care_plan=ended, now=LATER)

    assert {refusal.code for refusal in caught.value.refusals} == {Code.TAKEN}
    assert CarePlan.objects.filter(status="held").count() == 1


def test_a_hold_that_lives_or_was_confirmed_is_not_taken_again(
    clinic: Clinic, version: ProtocolVersion, desk: Actor
) -> None:
    plan = hold(clinic, version, make_patient(), actor=desk)
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            retake(actor=desk, care_plan=plan, now=NOW)
        assert [refusal.code for refusal in caught.value.refusals] == [Code.WRONG_STATE]
        if plan.status == "held":
            plan = confirm(actor=desk, care_plan=plan, version=None, now=NOW)
