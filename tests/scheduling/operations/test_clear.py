"""Clearance: who decides, what it opens and closes, how it ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduling.core.refusals import Refused
from scheduling.core.roles import Role
from scheduling.models import Appointment, CarePlan, Event, Gate, Reservation, StaffTask
from scheduling.operations.clear import clear, withdraw_clearance
from scheduling.operations.clearance_deadlines import expire_clearances, release_uncleared
from scheduling.operations.finish_task import finish
from scheduling.operations.staff_tasks import open_task
from tests.factories import NOW, Clinic, at, make_patient
from tests.scheduling.operations.care import (
    EVERY_ROLE,
    actor,
    load_clinic,
    make_course,
    make_infusion,
    make_talk,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


@pytest.fixture
def plan(clinic: Clinic) -> CarePlan:
    """A course that waits for clearance."""
    plan = make_course(make_patient(), clinic, clearance="pending")
    Gate.objects.create(care_plan=plan, code="clearance")
    open_task("clearance_wanted", Role.PRESCRIBER, site=clinic.site, care_plan=plan, now=NOW)
    return plan


def gate_of(plan: CarePlan) -> str:
    return Gate.objects.get(care_plan=plan, code="clearance").status


def kinds() -> list[str]:
    """Open tasks."""
    return sorted(StaffTask.objects.filter(finished_at=None).values_list("kind", flat=True))


def test_a_prescriber_clears_a_course(plan: CarePlan) -> None:
    prescriber = actor("prescriber")

    done = clear(
        actor=prescriber,
        care_plan=plan,
        decision="cleared",
        note="ECG seen",
        until=date(2027, 2, 28),
        now=NOW,
    )

    assert (done.clearance, done.clearance_until) == ("cleared", date(2027, 2, 28))
    assert done.version == plan.version + 1
    assert gate_of(plan) == "closed"
    assert kinds() == []
    assert StaffTask.objects.get().outcome == "cleared"
    event = Event.objects.get()
    assert (event.verb, event.actor, event.status_before, event.status_after, event.reason) == (
        "cleared",
        prescriber.user,
        "pending",
        "cleared",
        "ECG seen",
    )


@pytest.mark.parametrize("role", [role for role in EVERY_ROLE if role != "prescriber"])
@pytest.mark.parametrize("decision", ["cleared", "declined"])
def test_nobody_else_decides(plan: CarePlan, role: str, decision: str) -> None:
    with pytest.raises(Refused, match=r"^not_allowed$"):
        clear(actor=actor(role), care_plan=plan, decision=decision, now=NOW)
    assert gate_of(plan) == "open"


def test_a_conditional_clearance_names_its_condition(plan: CarePlan) -> None:
    with pytest.raises(Refused, match=r"^reason_needed$"):
        clear(actor=actor("prescriber"), care_plan=plan, decision="conditional", now=NOW)

    done = clear(
        actor=actor("prescriber"),
        care_plan=plan,
        decision="conditional",
        condition="pressure below 140/90 on the day",
        now=NOW,
    )
    assert done.clearance_condition == "pressure below 140/90 on the day"
    assert gate_of(plan) == "closed"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"decision": "maybe"}, "unknown"),
        ({"decision": "cleared", "until": date(2026, 11, 22)}, "in_the_past"),
        ({"decision": "cleared", "version": 99}, "stale"),
    ],
)
def test_decisions_that_make_no_sense(plan: CarePlan, asked: dict[str, object], code: str) -> None:
    with pytest.raises(Refused, match=f"^{code}$"):
        clear(actor=actor("prescriber"), care_plan=plan, now=NOW, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", ["held", "completed", "revoked"])
def test_only_a_course_under_way_is_cleared(clinic: Clinic, status: str) -> None:
    plan = make_course(make_patient(), clinic, status=status, expires_at=NOW)

    with pytest.raises(Refused, match=r"^wrong_state$"):
        clear(actor=actor("prescriber"), care_plan=plan, decision="cleared", now=NOW)


def test_a_decline_is_told_by_a_person_before_times_are_given_back(
    clinic: Clinic, plan: CarePlan
) -> None:
    talk = make_talk(plan, clinic, "prep.1", at("2026-12-01 09:00"))
    infusion = make_infusion(plan, clinic, "inf.1", at("2026-12-08 09:00"))
    prescriber = actor("prescriber")

    clear(actor=prescriber, care_plan=plan, decision="declined", now=NOW)

    assert gate_of(plan) == "open"
    assert statuses(talk, infusion) == ["booked", "booked"]
    assert kinds() == ["tell_decline"]

    task = StaffTask.objects.get(kind="tell_decline")
    with pytest.raises(Refused, match="not_allowed"):
        finish(actor=actor("front_desk"), task=task, outcome="told", now=NOW)
    finish(actor=prescriber, task=task, outcome="told", now=NOW)

    assert statuses(talk, infusion) == ["booked", "cancelled"]
    infusion.refresh_from_db()
    assert (infusion.reason, infusion.late) == ("not_cleared", False)
    assert not Reservation.objects.filter(appointment=infusion).exists()
    assert kinds() == []


def test_a_decline_that_could_not_be_told_gives_nothing_back(
    clinic: Clinic, plan: CarePlan
) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", at("2026-12-08 09:00"))
    prescriber = actor("prescriber")
    clear(actor=prescriber, care_plan=plan, decision="declined", now=NOW)

    finish(actor=prescriber, task=StaffTask.objects.get(kind="tell_decline"),
           outcome="not_reached", now=NOW)  # fmt: skip

    assert statuses(infusion) == ["booked"]


def test_a_prescriber_withdraws_a_clearance(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)
    make_infusion(plan, clinic, "inf.1", NOW + timedelta(days=2))

    with pytest.raises(Refused, match=r"^reason_needed$"):
        withdraw_clearance(actor=actor("prescriber"), care_plan=plan, note=" ", now=NOW)
    with pytest.raises(Refused, match=r"^not_allowed$"):
        withdraw_clearance(actor=actor("nurse"), care_plan=plan, note="fainted", now=NOW)
    done = withdraw_clearance(actor=actor("prescriber"), care_plan=plan, note="fainted", now=NOW)

    assert (done.clearance, gate_of(plan)) == ("withdrawn", "open")
    assert Event.objects.latest("id").verb == "clearance_withdrawn"
    task = StaffTask.objects.get()
    assert (task.kind, task.role, task.urgent) == ("clearance_wanted", "prescriber", True)
    with pytest.raises(Refused, match=r"^wrong_state$"):
        withdraw_clearance(actor=actor("prescriber"), care_plan=plan, note="again", now=NOW)


def test_an_alarming_answer_reopens_clearance(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)

    done = withdraw_clearance(actor=actor("system"), care_plan=plan, note="answer", now=NOW)

    assert (done.clearance, gate_of(plan)) == ("pending", "open")
    assert kinds() == ["clearance_wanted"]


# --- Time --------------------------------------------------------------------------------------


def test_a_clearance_holds_through_its_last_local_day(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic, clearance_until=date(2026, 12, 1))

    assert expire_clearances(at("2026-12-01 23:59")) == 0
    assert expire_clearances(at("2026-12-02 00:00")) == 1
    assert expire_clearances(at("2026-12-02 00:00")) == 0

    plan.refresh_from_db()
    assert (plan.clearance, gate_of(plan)) == ("expired", "open")
    assert Event.objects.get().actor_label == "sweep"
    assert kinds() == ["clearance_wanted"]


def test_its_end_is_told_a_week_ahead_once(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic, clearance_until=date(2026, 12, 8))
    make_infusion(plan, clinic, "inf.1", at("2026-12-10 09:00"))

    expire_clearances(at("2026-11-30 12:00"))
    assert kinds() == []
    expire_clearances(at("2026-12-01 12:00"))
    assert kinds() == ["clearance_ends"]

    StaffTask.objects.update(finished_at=NOW, outcome="seen")
    expire_clearances(at("2026-12-02 12:00"))
    assert kinds() == []


def test_uncleared_times_are_given_back_after_a_warning_each_at_its_deadline(
    clinic: Clinic, plan: CarePlan
) -> None:
    """Infusions are cleared 72 hours ahead; staff hear of it 48 hours before that."""
    talk = make_talk(plan, clinic, "prep.1", at("2026-12-07 09:00"))
    first = make_infusion(plan, clinic, "inf.1", at("2026-12-08 09:00"))
    second = make_infusion(plan, clinic, "inf.2", at("2026-12-11 09:00"))

    assert release_uncleared(at("2026-12-03 08:59")) == 0
    assert "clearance_due" not in kinds()
    assert release_uncleared(at("2026-12-03 09:00")) == 0
    assert "clearance_due" in kinds()
    assert release_uncleared(at("2026-12-05 08:59")) == 0
    assert release_uncleared(at("2026-12-05 09:00")) == 1

    assert statuses(talk, first, second) == ["booked", "cancelled", "booked"]
    first.refresh_from_db()
    assert first.reason == "not_cleared"
    assert StaffTask.objects.get(kind="rebook_session").appointment == first

    assert release_uncleared(at("2026-12-06 09:00")) == 0
    assert Event.objects.filter(verb="release_warned").count() == 2
    assert release_uncleared(at("2026-12-08 08:59")) == 0
    assert release_uncleared(at("2026-12-08 09:00")) == 1
    assert statuses(talk, second) == ["booked", "cancelled"]


def test_a_sweep_with_nothing_to_do_asks_little_and_writes_nothing(
    clinic: Clinic, plan: CarePlan, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_infusion(plan, clinic, "inf.1", at("2026-12-08 09:00"))
    release_uncleared(at("2026-12-03 09:00"))
    before = Event.objects.count(), CarePlan.objects.get().version

    with django_assert_num_queries(3):
        assert release_uncleared(at("2026-12-03 09:05")) == 0
    assert (Event.objects.count(), CarePlan.objects.get().version) == before


def test_nothing_is_given_back_within_a_day_of_the_warning(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", at("2026-12-08 09:00"))

    assert release_uncleared(at("2026-12-06 09:00")) == 0
    assert release_uncleared(at("2026-12-07 08:59")) == 0
    assert statuses(infusion) == ["booked"]
    assert release_uncleared(at("2026-12-07 09:00")) == 1


def test_a_cleared_course_keeps_its_times(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)
    infusion = make_infusion(plan, clinic, "inf.1", at("2026-12-08 09:00"))

    release_uncleared(at("2026-12-05 09:00"))
    release_uncleared(at("2026-12-07 09:00"))

    assert statuses(infusion) == ["booked"]
    assert kinds() == []


def statuses(*appointments: Appointment) -> list[str]:
    rows = dict(Appointment.objects.values_list("pk", "status"))
    return [rows[one.pk] for one in appointments]
