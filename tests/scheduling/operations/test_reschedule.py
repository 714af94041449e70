"""A session moves alone, or the rest follows with the least change."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from scheduling.core.refusals import Code, Refused
from scheduling.models import (
    Appointment,
    CarePlan,
    Event,
    PatientTime,
    ProtocolVersion,
    Reservation,
    StaffTask,
    TreatmentSpacing,
)
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from scheduling.operations.rebook import rebook
from scheduling.operations.reschedule import reschedule
from tests.factories import (
    NOW,
    Clinic,
    at,
    make_appointment,
    make_clinic,
    make_patient,
    make_protocol_version,
    make_service,
    make_user,
)
from tests.scheduling.operations.booking import book

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def version() -> ProtocolVersion:
    return make_protocol_version("trd_iv6")


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


@pytest.fixture
def plan(clinic: Clinic, version: ProtocolVersion, desk: Actor) -> CarePlan:
    return book(clinic, version, make_patient(), desk)


def step(plan: CarePlan, name: str) -> Appointment:
    return plan.appointments.get(step=name)


def starts(plan: CarePlan) -> dict[str, object]:
    return dict(plan.appointments.values_list("step", "start"))


def refused(**asked) -> Refused:
    with pytest.raises(Refused) as caught:
        reschedule(**asked)
    return caught.value


def test_a_session_moves_with_all_it_holds(plan: CarePlan, desk: Actor) -> None:
    review = step(plan, "review.1")
    later = review.start + timedelta(minutes=30)

    done = reschedule(actor=desk, appointment=review, start=later, version=review.version, now=NOW)

    review.refresh_from_db()
    assert (review.start, review.end - review.start) == (later, timedelta(minutes=20))
    assert [(one.step, one.before, one.after) for one in done.moved] == [
        ("review.1", later - timedelta(minutes=30), later)
    ]
    assert PatientTime.objects.get(appointment=review).during.lower == later
    assert {row.during.lower for row in review.reservations.all()} == {later}
    event = Event.objects.get(verb="moved")
    assert (event.appointment, event.sequence, review.sequence) == (review, 1, 1)


def test_a_broken_minimum_is_refused_with_what_would_follow(plan: CarePlan, desk: Actor) -> None:
    third, fourth = step(plan, "inf.3"), step(plan, "inf.4")
    before = starts(plan)

    refusal = refused(actor=desk, appointment=third, start=fourth.start, version=None, now=NOW)

    assert Code.GAP in {one.code for one in refusal.refusals}
    offered = {one.step for one in refusal.alternatives["least_change"]}
    assert {"inf.3", "inf.4"} <= offered
    assert starts(plan) == before


def test_exactly_what_was_agreed_to_moves_or_nothing(plan: CarePlan, desk: Actor) -> None:
    third, fourth, before = step(plan, "inf.3"), step(plan, "inf.4"), starts(plan)
    wanted = {
        "actor": desk,
        "appointment": third,
        "start": fourth.start,
        "cascade": "least_change",
        "now": NOW,
    }
    shown = {one.id: one.after for one in reschedule(**wanted, dry_run=True).moved}
    assert len(shown) > 1

    with pytest.raises(Refused, match=r"^stale$"):
        reschedule(**wanted, agreed={third.pk: shown[third.pk]})
    assert starts(plan) == before

    reschedule(**wanted, agreed=shown)
    assert starts(plan)["inf.3"] == shown[third.pk]


def test_the_rest_follows_with_the_least_change(plan: CarePlan, desk: Actor) -> None:
    third, fourth = step(plan, "inf.3"), step(plan, "inf.4")
    before = starts(plan)
    wanted = {
        "actor": desk,
        "appointment": third,
        "start": fourth.start,
        "cascade": "least_change",
        "now": NOW,
    }
    told = reschedule(**wanted, dry_run=True)
    assert (starts(plan), Event.objects.filter(verb="moved").count()) == (before, 0)

    done = reschedule(**wanted)

    assert [(one.step, one.after) for one in done.moved] == [
        (one.step, one.after) for one in told.moved
    ]
    assert starts(plan) == before | {one.step: one.after for one in done.moved}
    assert Event.objects.filter(verb="moved").count() == len(done.moved)
    days = [row.days.lower for row in TreatmentSpacing.objects.order_by("days")]
    assert all((later - earlier).days >= 2 for earlier, later in pairwise(days))


def test_an_exceeded_maximum_warns_and_asks_the_prescriber(plan: CarePlan, desk: Actor) -> None:
    last = step(plan, "integ.4")
    infusion = step(plan, "inf.6")
    start = last.start + 7 * DAY - timedelta(days=(last.start - infusion.start).days % 7)

    done = reschedule(actor=desk, appointment=last, start=start, version=None, now=NOW)

    assert [one.code for one in done.warnings] == [Code.WINDOW]
    task = StaffTask.objects.get(kind="gap_exceeded")
    assert (task.role, task.appointment) == ("prescriber", last)


def test_a_taken_time_is_refused_with_others(clinic: Clinic, plan: CarePlan, desk: Actor) -> None:
    review = step(plan, "review.1")
    wanted = review.start + timedelta(minutes=60)
    other = make_service("review")
    make_appointment(make_patient("Ben"), other, clinic.site, wanted, [clinic.prescriber])

    refusal = refused(actor=desk, appointment=review, start=wanted, version=None, now=NOW)

    assert [one.code for one in refusal.refusals] == [Code.TAKEN]
    assert wanted not in refusal.alternatives["review.1"]
    assert refusal.alternatives["review.1"]


def test_a_stale_version_moves_nothing(plan: CarePlan, desk: Actor) -> None:
    review = step(plan, "review.1")
    asked = {"actor": desk, "appointment": review, "now": NOW}
    reschedule(**asked, start=review.start + timedelta(minutes=30), version=review.version)

    refusal = refused(**asked, start=review.start + timedelta(minutes=60), version=review.version)

    assert [one.code for one in refusal.refusals] == [Code.STALE]


def test_a_started_session_does_not_move(plan: CarePlan, desk: Actor) -> None:
    review = step(plan, "review.1")
    Appointment.objects.filter(pk=review.pk).update(status="arrived")

    refusal = refused(
        actor=desk, appointment=review, start=review.start + DAY, version=None, now=NOW
    )

    assert Code.WRONG_STATE in {one.code for one in refusal.refusals}


@pytest.mark.parametrize(
    ("role", "reason", "days", "code"),
    [
        ("nurse", "travels tomorrow", 1, None),
        ("nurse", " ", 1, Code.REASON_NEEDED),
        ("front_desk", "travels tomorrow", 1, Code.OVERRIDE_NOT_ALLOWED),
        ("nurse", "travels tomorrow", 0, Code.GAP),
    ],
)
def test_staff_override_spacing_with_a_reason_but_never_on_one_day(
    plan: CarePlan, role: str, reason: str, days: int, code: Code | None
) -> None:
    fifth, sixth = step(plan, "inf.5"), step(plan, "inf.6")
    asked = {
        "actor": Actor.of(make_user("", role)),
        "appointment": sixth,
        "start": fifth.start + days * DAY + (timedelta(hours=3) if not days else timedelta(0)),
        "override_reason": reason,
        "version": None,
        "now": NOW,
    }
    if code is None:
        reschedule(**asked)
        fifth.refresh_from_db()
        assert fifth.overrides == ["spacing"]
        spacing = fifth.treatment_spacing.days
        assert (spacing.upper - spacing.lower).days == 1
        assert Event.objects.get(verb="moved").reason == reason
    else:
        assert code in {one.code for one in refused(**asked).refusals}


def test_an_overridden_range_grows_again_when_the_neighbour_moves_away(
    plan: CarePlan,
) -> None:
    nurse = Actor.of(make_user("", "nurse"))
    fifth, sixth = step(plan, "inf.5"), step(plan, "inf.6")
    back = sixth.start
    asked = {"actor": nurse, "appointment": sixth, "now": NOW}
    reschedule(**asked, start=fifth.start + DAY, override_reason="travels")

    reschedule(**asked, start=back)

    spacing = TreatmentSpacing.objects.get(appointment=fifth).days
    assert (spacing.upper - spacing.lower).days == fifth.spacing_days


def test_two_sessions_swap_places(clinic: Clinic, desk: Actor) -> None:
    """Both of one patient, in one transaction: what they hold is deleted before it is written."""
    from scheduling.core.plan import Session, Taken
    from scheduling.locks import lock_patient, lock_resources
    from scheduling.operations.atomic import booking_transaction
    from scheduling.operations.move import move

    ada, talk = make_patient(), make_service("counselling")
    nine, ten = at("2026-12-01 09:00"), at("2026-12-01 10:00")
    unit = clinic.counsellor
    first = make_appointment(ada, talk, clinic.site, nine, [unit])
    second = make_appointment(ada, talk, clinic.site, ten, [unit])
    first.step, second.step = "a", "b"

    def session(one: Appointment, start) -> Session:
        low, high = int(start.timestamp()), int(start.timestamp()) + 3000
        return Session(one.step, low, high, (Taken("counsellor", str(unit.pk), low, high),))

    with booking_transaction():
        lock_patient(ada.pk)
        capacity = lock_resources([unit.pk])
        bound = {"a": session(first, ten), "b": session(second, nine)}
        move([first, second], bound, capacity, actor=desk, now=NOW)

    held = Reservation.objects.order_by("during").values_list("appointment", flat=True)
    assert list(held) == [second.pk, first.pk]


def consent_due(plan: CarePlan) -> datetime | None:
    return plan.gates.get(code="consent", appointment=None).due_at


def test_what_is_closed_once_for_the_course_is_due_before_its_first_treatment(
    plan: CarePlan, desk: Actor
) -> None:
    first = step(plan, "inf.1")
    due = consent_due(plan)
    assert due == first.start - DAY

    reschedule(
        actor=desk, appointment=first, start=first.start + DAY, cascade="least_change", now=NOW
    )

    assert consent_due(plan) == step(plan, "inf.1").start - DAY == due + DAY


def test_a_course_gate_follows_when_its_first_treatment_is_given_up(
    plan: CarePlan, desk: Actor
) -> None:
    cancel(actor=desk, appointment=step(plan, "inf.1"), reason="clinic", version=None, now=NOW)

    assert consent_due(plan) == step(plan, "inf.2").start - DAY
    rebook(actor=desk, care_plan=plan, version=None, now=NOW)
    again = plan.appointments.get(step="inf.1", status="booked")
    assert consent_due(plan) == again.start - DAY
