"""One's own last move is taken back with everything that moved; nobody else's, and not for long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduling.core.refusals import Code, Refused
from scheduling.models import Appointment, CarePlan, Reservation
from scheduling.operations.actor import Actor
from scheduling.operations.reschedule import reschedule
from scheduling.operations.undo_move import WITHIN, undo_move
from scheduling.selectors.moves import openings_of_session
from tests.factories import Clinic, make_clinic, make_patient, make_protocol_version, make_user
from tests.scheduling.operations.booking import NOW, book

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("dana@example.org", "front_desk"))


@pytest.fixture
def plan(clinic: Clinic, desk: Actor) -> CarePlan:
    return book(clinic, make_protocol_version("trd_iv6"), make_patient("Ada", "Byron"), desk)


def standing(plan: CarePlan) -> dict[str, tuple[object, ...]]:
    """Every session's start and what it holds."""
    return {
        one.step: (
            one.start,
            *sorted(
                Reservation.objects.filter(appointment=one).values_list("role", "resource__name")
            ),
        )
        for one in Appointment.objects.filter(care_plan=plan, status="booked")
    }


def move_with_the_rest(plan: CarePlan, desk: Actor) -> Appointment:
    """Move the third infusion so far that others follow."""
    third = plan.appointments.get(step="inf.3")
    found = openings_of_session(
        third,
        start=third.start + timedelta(days=2),
        end=third.start + timedelta(days=21),
        now=NOW,
        cascade=True,
    )
    start = datetime.fromtimestamp(found[-1].start, UTC)
    result = reschedule(actor=desk, appointment=third, start=start, cascade="least_change", now=NOW)
    assert len(result.moved) > 1
    return Appointment.objects.get(pk=third.pk)


def test_the_whole_course_stands_where_it_stood(plan: CarePlan, desk: Actor) -> None:
    before = standing(plan)
    moved = move_with_the_rest(plan, desk)
    assert standing(plan) != before

    undo_move(actor=desk, appointment=moved, now=NOW + timedelta(minutes=1))

    assert standing(plan) == before


def test_not_after_a_while_and_not_somebody_elses(plan: CarePlan, desk: Actor) -> None:
    moved = move_with_the_rest(plan, desk)
    dora = Actor.of(make_user("dora@example.org", "front_desk"))

    for who, when in ((desk, WITHIN + timedelta(seconds=1)), (dora, timedelta(minutes=1))):
        with pytest.raises(Refused) as refused:
            undo_move(actor=who, appointment=moved, now=NOW + when)
        assert [one.code for one in refused.value.refusals] == [Code.WRONG_STATE]
