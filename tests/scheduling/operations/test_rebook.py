"""What a course has lost is booked again, under every rule, and nothing else moves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Patient
from scheduling.core.reasons import Cancelled
from scheduling.core.refusals import Code, Refusal, Refused
from scheduling.core.roles import Role
from scheduling.core.states import AppointmentState
from scheduling.models import (
    Appointment,
    CarePlan,
    Event,
    Reservation,
    StaffTask,
    TreatmentSpacing,
)
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from scheduling.operations.correct import correct
from scheduling.operations.count_stopped import count_stopped
from scheduling.operations.pause import pause
from scheduling.operations.rebook import rebook
from scheduling.operations.reschedule import reschedule
from scheduling.operations.resume import resume
from scheduling.operations.staff_tasks import open_task
from tests.factories import NOW, Clinic, make_clinic, make_patient, make_protocol_version, make_user
from tests.scheduling.operations.booking import book

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


@pytest.fixture
def ada() -> Patient:
    return make_patient(user=make_user("ada@example.org"))


@pytest.fixture
def plan(clinic: Clinic, desk: Actor, ada: Patient) -> CarePlan:
    return book(clinic, make_protocol_version("trd_iv6"), ada, desk)


def lose(plan: CarePlan, step: str, desk: Actor, reason: str = Cancelled.CLINIC) -> Appointment:
    one = plan.appointments.get(step=step)
    return cancel(actor=desk, appointment=one, reason=reason, version=one.version, now=NOW)


def times(plan: CarePlan) -> dict[str, object]:
    return dict(plan.appointments.filter(status="booked").values_list("step", "start"))


def test_a_cancelled_session_is_booked_again(plan: CarePlan, desk: Actor, ada: Patient) -> None:
    before = times(plan)
    lost = lose(plan, "inf.3", desk)

    done = rebook(actor=Actor.of(ada.user), care_plan=plan, version=None, now=NOW)

    assert [one.step for one in done.sessions] == ["inf.3"]
    again = plan.appointments.get(step="inf.3", status="booked")
    assert again.pk != lost.pk
    assert Reservation.objects.filter(appointment=again).exists()
    assert times(plan) == before, "the best time is where it stood, and nothing else has moved"
    assert Event.objects.get(verb="booked", appointment=again).facts["again"] is True
    assert set(again.gates.values_list("code", flat=True)) == set(
        lost.gates.values_list("code", flat=True)
    )


def test_a_dry_run_writes_nothing(plan: CarePlan, desk: Actor) -> None:
    lose(plan, "inf.3", desk)

    done = rebook(actor=desk, care_plan=plan, version=None, dry_run=True, now=NOW)

    assert [one.step for one in done.sessions] == ["inf.3"]
    assert not plan.appointments.filter(step="inf.3", status="booked").exists()


def test_at_the_start_that_was_asked_for(plan: CarePlan, desk: Actor) -> None:
    start = lose(plan, "review.1", desk).start + timedelta(minutes=30)

    rebook(actor=desk, care_plan=plan, starts={"review.1": start}, version=None, now=NOW)

    assert plan.appointments.get(step="review.1", status="booked").start == start


def test_no_rule_is_broken_for_it(plan: CarePlan, desk: Actor) -> None:
    lose(plan, "inf.3", desk)
    day_after_the_second = plan.appointments.get(step="inf.2").start + timedelta(days=1)

    with pytest.raises(Refused) as refused:
        rebook(
            actor=desk,
            care_plan=plan,
            starts={"inf.3": day_after_the_second},
            version=None,
            now=NOW,
        )

    assert [one.code for one in refused.value.refusals] == [Code.NO_PLAN]
    assert not plan.appointments.filter(step="inf.3", status="booked").exists()


def test_after_a_pause_the_treatments_are_booked_again_and_the_task_is_done(
    plan: CarePlan, desk: Actor
) -> None:
    treatments = set(plan.appointments.filter(treatment=True).values_list("step", flat=True))
    pause(actor=desk, care_plan=plan, reason="travel", version=None, now=NOW)
    resume(actor=desk, care_plan=plan, version=None, now=NOW)

    done = rebook(actor=desk, care_plan=plan, version=None, now=NOW)

    assert {one.step for one in done.sessions} == treatments
    assert StaffTask.objects.get(kind="rebook_treatments").outcome == "rebooked"


@pytest.mark.parametrize(("step", "code"), [("inf.1", Code.WRONG_STATE), ("dance.1", Code.UNKNOWN)])
def test_only_what_is_lost(plan: CarePlan, desk: Actor, step: str, code: str) -> None:
    lose(plan, "inf.3", desk)

    with pytest.raises(Refused) as refused:
        rebook(actor=desk, care_plan=plan, starts={step: None}, version=None, now=NOW)

    assert [one.code for one in refused.value.refusals] == [code]


def test_a_course_that_has_lost_nothing(plan: CarePlan, desk: Actor) -> None:
    with pytest.raises(Refused) as refused:
        rebook(actor=desk, care_plan=plan, version=None, now=NOW)

    assert [one.code for one in refused.value.refusals] == [Code.WRONG_STATE]


def test_a_patient_books_again_what_was_missed(plan: CarePlan, ada: Patient) -> None:
    plan.appointments.filter(step="review.1").update(status="noshow")
    Reservation.objects.filter(appointment__step="review.1").delete()
    missed = plan.appointments.get(step="review.1")
    open_task("call_after_noshow", Role.FRONT_DESK, site=plan.site, appointment=missed, now=NOW)

    rebook(actor=Actor.of(ada.user), care_plan=plan, version=None, now=NOW)

    assert plan.appointments.filter(step="review.1", status="booked").exists()
    assert StaffTask.objects.get(kind="call_after_noshow").outcome == "rebooked"


def test_a_start_that_is_asked_for_may_lie_outside_the_hours_of_the_search(
    plan: CarePlan, ada: Patient
) -> None:
    mine = Actor.of(ada.user)
    lost = lose(plan, "review.1", mine, Cancelled.PATIENT_REQUEST)
    other_hours = {"not_after": 60}  # nothing of the course lies before one in the night
    CarePlan.objects.update(wishes={**plan.wishes, **other_hours})

    starts = {"review.1": lost.start}
    rebook(actor=mine, care_plan=plan, starts=starts, version=None, now=NOW)

    assert plan.appointments.get(step="review.1", status="booked").start == lost.start


def test_what_was_not_given_is_for_staff(plan: CarePlan, desk: Actor, ada: Patient) -> None:
    plan.appointments.filter(step="inf.3").update(status="not_treated")
    Reservation.objects.filter(appointment__step="inf.3").delete()
    mine = Actor.of(ada.user)

    with pytest.raises(Refused) as refused:
        rebook(actor=mine, care_plan=plan, version=None, now=NOW)

    assert [one.code for one in refused.value.refusals] == [Code.NOT_ALLOWED]


def test_a_session_that_was_booked_again_is_no_longer_corrected(
    plan: CarePlan, desk: Actor
) -> None:
    plan.appointments.filter(step="review.1").update(status="noshow")
    Reservation.objects.filter(appointment__step="review.1").delete()
    missed = plan.appointments.get(step="review.1")
    rebook(actor=desk, care_plan=plan, version=None, now=NOW)

    with pytest.raises(Refused) as refused:
        correct(
            actor=desk,
            appointment=missed,
            to=AppointmentState.BOOKED,
            reason="keyed wrongly",
            version=None,
            now=NOW,
        )

    facts = {"state": "rebooked", "action": "booked"}
    assert list(refused.value.refusals) == [Refusal(Code.WRONG_STATE, facts)]


def stop(plan: CarePlan) -> Appointment:
    Appointment.objects.filter(care_plan=plan, step="inf.1").update(status="stopped")
    return plan.appointments.get(step="inf.1")


def test_a_stopped_treatment_that_does_not_count_gives_its_step_free(
    plan: CarePlan, desk: Actor
) -> None:
    stopped = stop(plan)
    prescriber = Actor.of(make_user("doc@example.org", "prescriber"))
    count_stopped(actor=prescriber, appointment=stopped, counts=False, now=NOW)

    rebook(actor=desk, care_plan=plan, version=None, now=NOW)

    states = plan.appointments.filter(step="inf.1").values_list("status", "counts")
    assert set(states) == {("stopped", False), ("booked", True)}


def test_the_rest_of_a_course_moves_beside_a_stopped_treatment_that_does_not_count(
    plan: CarePlan, desk: Actor
) -> None:
    stopped = stop(plan)
    prescriber = Actor.of(make_user("doc@example.org", "prescriber"))
    count_stopped(actor=prescriber, appointment=stopped, counts=False, now=NOW)
    rebook(actor=desk, care_plan=plan, version=None, now=NOW)
    review = plan.appointments.get(step="review.1")
    later = review.start + timedelta(minutes=30)

    done = reschedule(actor=desk, appointment=review, start=later, version=None, now=NOW)

    assert [move.step for move in done.moved] == ["review.1"]


def test_a_decision_that_a_treatment_does_not_count_is_taken_back(plan: CarePlan) -> None:
    stopped = stop(plan)
    prescriber = Actor.of(make_user("doc@example.org", "prescriber"))
    before = list(TreatmentSpacing.objects.filter(appointment=stopped).values_list("days"))
    for counts in (False, True):
        count_stopped(actor=prescriber, appointment=stopped, counts=counts, now=NOW)

    stopped.refresh_from_db()
    assert stopped.counts
    assert list(TreatmentSpacing.objects.filter(appointment=stopped).values_list("days")) == before


def test_a_decision_stands_once_the_step_is_booked_again(plan: CarePlan, desk: Actor) -> None:
    stopped = stop(plan)
    prescriber = Actor.of(make_user("doc@example.org", "prescriber"))
    count_stopped(actor=prescriber, appointment=stopped, counts=False, now=NOW)
    rebook(actor=desk, care_plan=plan, version=None, now=NOW)

    with pytest.raises(Refused, match=r"^stale$"):
        count_stopped(actor=prescriber, appointment=stopped, counts=True, now=NOW)


def test_a_stopped_treatment_that_counts_keeps_its_step(plan: CarePlan) -> None:
    stopped = stop(plan)
    stopped.pk, stopped._state.adding, stopped.status = None, True, "booked"

    with pytest.raises(IntegrityError, match="appointment_step_once"), transaction.atomic():
        stopped.save(force_insert=True)


def test_only_a_stopped_treatment_may_not_count(plan: CarePlan) -> None:
    with (
        pytest.raises(IntegrityError, match="appointment_only_stopped_uncounted"),
        transaction.atomic(),
    ):
        plan.appointments.filter(step="inf.1").update(counts=False)
