"""A course on hold, taken up again, or ended early."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import Patient
from scheduling.core import reasons
from scheduling.core.refusals import Refused
from scheduling.models import (
    Appointment,
    CarePlan,
    Event,
    PatientTime,
    Reservation,
    StaffTask,
    TreatmentSpacing,
)
from scheduling.operations.actor import Actor
from scheduling.operations.pause import pause
from scheduling.operations.resume import remind_of_pauses, resume
from scheduling.operations.revoke import revoke
from tests.factories import NOW, Clinic, at, make_patient, make_user
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
    """One infusion in each of three weeks, and a talk session in the second."""
    plan = make_course(make_patient(), clinic)
    for number, day in enumerate(("2026-12-01", "2026-12-08", "2026-12-15"), start=1):
        make_infusion(plan, clinic, f"inf.{number}", at(f"{day} 09:00"))
    make_talk(plan, clinic, "integ.1", at("2026-12-09 09:00"))
    return plan


def sessions(plan: CarePlan) -> dict[str, str]:
    return dict(Appointment.objects.filter(care_plan=plan).values_list("step", "status"))


def blocks(plan: CarePlan) -> set[str]:
    """Steps that still hold anything."""
    return {
        step
        for table in (Reservation, PatientTime, TreatmentSpacing)
        for step in table.objects.filter(appointment__care_plan=plan).values_list(
            "appointment__step", flat=True
        )
    }


STAFF = {"front_desk", "nurse", "clinician", "prescriber", "manager"}


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_staff_pause_resume_and_revoke(clinic: Clinic, role: str) -> None:
    plan = make_course(make_patient(), clinic)
    steps = {
        "pause": lambda: pause(
            actor=actor(role), care_plan=plan, reason="travel", version=None, now=NOW
        ),
        "resume": lambda: resume(actor=actor(role), care_plan=plan, version=None, now=NOW),
        "revoke": lambda: revoke(
            actor=actor(role), care_plan=plan, reason="cost", version=None, now=NOW
        ),
    }
    for name, status in (("pause", "active"), ("resume", "on_hold"), ("revoke", "active")):
        CarePlan.objects.filter(pk=plan.pk).update(status=status)
        if role in STAFF:
            steps[name]()
        else:
            with pytest.raises(Refused, match=r"^not_allowed$"):
                steps[name]()


def test_a_pause_with_an_end_gives_back_treatments_through_that_day(plan: CarePlan) -> None:
    paused = pause(
        actor=actor("front_desk"),
        care_plan=plan,
        reason="travel",
        until=date(2026, 12, 8),
        version=plan.version,
        now=NOW,
    )

    assert (paused.status, paused.reason, paused.paused_until) == (
        "on_hold",
        "travel",
        date(2026, 12, 8),
    )
    assert sessions(plan) == {
        "inf.1": "cancelled",
        "inf.2": "cancelled",
        "inf.3": "booked",
        "integ.1": "booked",
    }
    assert blocks(plan) == {"inf.3", "integ.1"}
    assert set(Appointment.objects.filter(status="cancelled").values_list("reason", flat=True)) == {
        "course_paused"
    }
    event = Event.objects.get(verb="paused")
    assert event.facts == {"until": "2026-12-08", "given_back": ["inf.1", "inf.2"]}
    assert Event.objects.filter(verb="cancelled").count() == 2


@pytest.fixture
def ada() -> Patient:
    return make_patient(user=make_user("ada@example.org"))


def test_a_patient_holds_back_the_next_treatments_without_a_fee(
    clinic: Clinic, ada: Patient
) -> None:
    plan = make_course(ada, clinic)
    for number, day in enumerate(("2026-11-25", "2026-11-27", "2026-12-01"), start=1):
        make_infusion(plan, clinic, f"inf.{number}", at(f"{day} 09:00"))
    make_talk(plan, clinic, "integ.1", at("2026-11-25 14:00"))

    paused = pause(
        actor=Actor.of(ada.user),
        care_plan=plan,
        reason="hard_session",
        version=plan.version,
        now=NOW,
    )

    assert (paused.status, paused.paused_until) == ("on_hold", date(2026, 11, 25))
    assert sessions(plan) == {
        "inf.1": "cancelled",
        "inf.2": "booked",  # a clinician will have called by then
        "inf.3": "booked",
        "integ.1": "booked",
    }
    assert not Appointment.objects.filter(late=True).exists()
    assert Event.objects.get(verb="paused").actor == ada.user
    task = StaffTask.objects.get()
    assert (task.kind, task.role, task.urgent) == ("call_before_next_treatment", "clinician", True)
    assert task.due_at == NOW + timedelta(hours=24)
    assert task.facts == {"reason": "hard_session"}


def test_the_call_is_settled_when_the_course_goes_on(clinic: Clinic, ada: Patient) -> None:
    plan = make_course(ada, clinic)
    pause(actor=Actor.of(ada.user), care_plan=plan, reason="talk_first", version=None, now=NOW)

    resume(actor=actor("clinician"), care_plan=plan, version=None, now=NOW)

    assert StaffTask.objects.get(kind="call_before_next_treatment").outcome == "resumed"


@pytest.mark.parametrize("status", ["in_hospital", "do_not_contact"])
def test_a_patient_whom_messages_no_longer_reach_may_still_pause(
    clinic: Clinic, ada: Patient, status: str
) -> None:
    plan = make_course(ada, clinic)
    Patient.objects.update(status=status)

    pause(actor=Actor.of(ada.user), care_plan=plan, reason="talk_first", version=None, now=NOW)

    plan.refresh_from_db()
    assert plan.status == "on_hold"


def test_only_staff_choose_how_long_a_pause_lasts(clinic: Clinic, ada: Patient) -> None:
    plan = make_course(ada, clinic)

    with pytest.raises(Refused, match=r"^not_allowed$"):
        pause(
            actor=Actor.of(ada.user),
            care_plan=plan,
            reason="talk_first",
            until=date(2027, 1, 31),
            version=None,
            now=NOW,
        )

    assert CarePlan.objects.get().status == "active"


def test_a_pause_without_an_end_gives_back_every_treatment_ahead(plan: CarePlan) -> None:
    pause(
        actor=actor("front_desk"),
        care_plan=plan,
        reason="illness",
        version=None,
        now=at("2026-12-02 12:00"),
    )

    assert sessions(plan) == {
        "inf.1": "booked",  # it began before the pause
        "inf.2": "cancelled",
        "inf.3": "cancelled",
        "integ.1": "booked",
    }


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"reason": ""}, "reason_needed"),
        ({"reason": "bored"}, "unknown"),
        ({"until": date(2026, 11, 22)}, "in_the_past"),
        ({"version": 99}, "stale"),
    ],
)
def test_a_pause_that_makes_no_sense_changes_nothing(
    plan: CarePlan, asked: dict[str, object], code: str
) -> None:
    said = {"reason": "travel", "version": None} | asked

    with pytest.raises(Refused, match=f"^{code}$"):
        pause(actor=actor("manager"), care_plan=plan, now=NOW, **said)  # type: ignore[arg-type]

    plan.refresh_from_db()
    assert plan.status == "active"
    assert set(sessions(plan).values()) == {"booked"}


def test_a_course_is_not_paused_twice(plan: CarePlan) -> None:
    pause(actor=actor("nurse"), care_plan=plan, reason="travel", version=None, now=NOW)

    with pytest.raises(Refused, match=r"^wrong_state$"):
        pause(actor=actor("nurse"), care_plan=plan, reason="travel", version=None, now=NOW)


def test_a_resumed_course_asks_for_its_treatments_again(plan: CarePlan) -> None:
    desk = actor("front_desk")
    until = date(2026, 12, 8)
    paused = pause(actor=desk, care_plan=plan, reason="travel", until=until, version=None, now=NOW)
    after = at("2026-12-09 12:00")
    assert remind_of_pauses(at("2026-12-08 23:59")) == 0
    assert remind_of_pauses(after) == 1

    done = resume(actor=desk, care_plan=plan, version=paused.version, now=after)

    assert (done.status, done.reason, done.paused_until) == ("active", "", None)
    tasks = {task.kind: task for task in StaffTask.objects.all()}
    assert tasks["pause_over"].outcome == "resumed"
    assert tasks["rebook_treatments"].facts == {"steps": ["inf.1", "inf.2"]}
    assert tasks["rebook_treatments"].urgent  # inf.3 is six days away
    assert remind_of_pauses(after) == 0


def test_nothing_is_asked_for_where_nothing_was_given_back(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic, status="on_hold")

    resume(actor=actor("front_desk"), care_plan=plan, version=None, now=NOW)

    assert not StaffTask.objects.exists()


@pytest.mark.parametrize("status", ["active", "completed", "revoked", "held"])
def test_only_a_course_on_hold_is_resumed(clinic: Clinic, status: str) -> None:
    plan = make_course(make_patient(), clinic, status=status, expires_at=NOW)

    with pytest.raises(Refused, match=r"^wrong_state$"):
        resume(actor=actor("front_desk"), care_plan=plan, version=None, now=NOW)


@pytest.mark.parametrize("reason", list(reasons.Revoked))
def test_a_revoked_course_cancels_what_is_ahead(plan: CarePlan, reason: str) -> None:
    done = revoke(
        actor=actor("prescriber"),
        care_plan=plan,
        reason=reason,
        version=plan.version,
        now=at("2026-12-01 12:00"),
    )

    assert (done.status, done.reason) == ("revoked", reason)
    assert sessions(plan) == {
        "inf.1": "booked",
        "inf.2": "cancelled",
        "inf.3": "cancelled",
        "integ.1": "cancelled",
    }
    assert blocks(plan) == {"inf.1"}
    event = Event.objects.get(verb="revoked")
    assert (event.reason, event.facts["cancelled"]) == (reason, ["inf.2", "integ.1", "inf.3"])


def test_a_course_on_hold_may_be_ended_at_once(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic, status="on_hold")

    done = revoke(actor=actor("front_desk"), care_plan=plan, reason="cost", version=None, now=NOW)

    assert done.status == "revoked"


def test_a_course_is_not_revoked_for_no_reason(plan: CarePlan) -> None:
    for reason, code in (("", "reason_needed"), ("bored", "unknown")):
        with pytest.raises(Refused, match=f"^{code}$"):
            revoke(actor=actor("manager"), care_plan=plan, reason=reason, version=None, now=NOW)
    assert set(sessions(plan).values()) == {"booked"}


def test_time_given_back_is_free_for_somebody_else(clinic: Clinic, plan: CarePlan) -> None:
    pause(actor=actor("nurse"), care_plan=plan, reason="travel", version=None, now=NOW)

    other = make_course(make_patient("Grace"), clinic)
    start = at("2026-12-08 09:00")
    assert make_infusion(other, clinic, "inf.1", start).end == start + timedelta(minutes=130)
