"""A cancellation is taken back while others book its time: one of them gets it, once."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from scheduling.core.refusals import Code
from scheduling.models import Appointment
from scheduling.operations.actor import Actor
from scheduling.operations.book import book_session
from scheduling.operations.cancel import cancel
from scheduling.operations.undo_cancel import undo_cancel
from tests.concurrency.crowd import NONE, damage, race
from tests.factories import make_clinic, make_patient, make_protocol_version, make_user
from tests.scheduling.operations.booking import book

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]


@pytest.mark.parametrize("share_of_undos", [1.0, 0.5])
def test_the_only_prescribers_time_goes_to_one_of_all_who_want_it(share_of_undos: float) -> None:
    clinic = make_clinic()
    desk = Actor.of(make_user("desk@example.org", "front_desk"))
    ada = make_patient(user=make_user("ada@example.org"))
    plan = book(clinic, make_protocol_version("trd_iv6"), ada, desk)
    evening = plan.appointments.get(step="inf.1").end + timedelta(hours=1)
    mine = Actor.of(ada.user)
    lost = cancel(
        actor=mine,
        appointment=plan.appointments.get(step="review.1"),
        reason="patient_request",
        version=None,
        now=evening,
    )

    def attempt(chance: random.Random) -> object:
        if chance.random() < share_of_undos:
            return undo_cancel(actor=mine, appointment=lost, now=evening).pk
        return book_session(
            actor=desk,
            patient=make_patient(str(chance.random())),
            service=lost.service,
            site=clinic.site,
            start=lost.start,
            now=evening,
        ).pk

    outcome = race(8, 3, attempt)

    # Where the other patient was quicker, the course rightly lacks the session that was given up.
    assert damage() | {"half courses": 0} == NONE
    assert outcome.broken == {}
    assert len(outcome.told) == 1
    [winner] = Appointment.objects.filter(
        service=lost.service, start=lost.start, status="booked"
    ).values_list("pk", flat=True)
    assert winner == outcome.told[0]
    assert set(outcome.refused) <= {
        Code.WRONG_STATE,
        Code.NO_PLAN,
        Code.TAKEN,
        Code.NO_STAFF,
        Code.BUSY,
    }
