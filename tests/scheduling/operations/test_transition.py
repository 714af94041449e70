"""A session's day: who may take which step, what must be true first, what is freed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from scheduling.core.refusals import Refused
from scheduling.models import (
    Appointment,
    CarePlan,
    Event,
    Gate,
    PatientTime,
    StaffTask,
    TreatmentSpacing,
)
from scheduling.operations.actor import Actor
from scheduling.operations.count_stopped import count_stopped
from scheduling.operations.escalate import end_alert, raise_alert
from scheduling.operations.transition import transition
from tests.factories import Clinic, at, make_appointment, make_patient
from tests.scheduling.operations.care import (
    EVERY_ROLE,
    actor,
    close_gates,
    held_of,
    load_clinic,
    make_course,
    make_infusion,
    make_talk,
)

pytestmark = pytest.mark.django_db

START = at("2026-12-01 09:00")


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


@pytest.fixture
def plan(clinic: Clinic) -> CarePlan:
    return make_course(make_patient(), clinic)


def step(
    appointment: Appointment, to: str, now: datetime, role: str = "nurse", **more: object
) -> Appointment:
    """Take the step as it stands now, whatever version that is."""
    more = {"version": None} | more
    return transition(actor=actor(role), appointment=appointment, to=to, now=now, **more)  # type: ignore[arg-type]


def why_not(appointment: Appointment, to: str, now: datetime, **more: object) -> list[object]:
    """The refusals; nothing was changed by them."""
    before = Appointment.objects.filter(pk=appointment.pk).values().get()
    events = Event.objects.count()
    with pytest.raises(Refused) as refused:
        step(appointment, to, now, **more)  # type: ignore[arg-type]
    assert Appointment.objects.filter(pk=appointment.pk).values().get() == before
    assert Event.objects.count() == events
    return [(refusal.code.value, *refusal.facts.values()) for refusal in refused.value.refusals]


def test_an_infusion_goes_through_its_day(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)
    make_infusion(plan, clinic, "inf.2", at("2026-12-04 09:00"))
    close_gates(infusion)

    step(infusion, "arrived", START, "front_desk")
    step(infusion, "in_progress", START + timedelta(minutes=30))
    step(infusion, "recovering", START + timedelta(minutes=70))
    done = step(infusion, "fulfilled", START + timedelta(minutes=130))

    assert done.status == "fulfilled"
    assert done.version == 5
    events = Event.objects.filter(appointment=infusion)
    assert list(events.values_list("verb", "status_before", "status_after")) == [
        ("arrived", "booked", "arrived"),
        ("in_progress", "arrived", "in_progress"),
        ("recovering", "in_progress", "recovering"),
        ("fulfilled", "recovering", "fulfilled"),
    ]
    assert all(event.actor is not None for event in events)
    plan.refresh_from_db()
    assert plan.status == "active"


def test_a_talk_session_has_no_recovery_and_the_last_one_completes_the_course(
    clinic: Clinic, plan: CarePlan
) -> None:
    talk = make_talk(plan, clinic, "prep.1", START)
    step(talk, "arrived", START, "front_desk")
    step(talk, "in_progress", START, "clinician")

    assert why_not(talk, "recovering", START) == [("wrong_state", "in_progress", "recovering")]
    step(talk, "fulfilled", START + timedelta(minutes=50), "clinician")

    plan.refresh_from_db()
    assert plan.status == "completed"
    assert Event.objects.get(verb="completed").care_plan == plan


FORWARD = {
    ("booked", "arrived"): {"front_desk", "nurse", "clinician", "prescriber", "manager"},
    ("booked", "noshow"): {"front_desk", "nurse", "clinician", "prescriber", "manager"},
    ("arrived", "in_progress"): {"nurse", "clinician", "prescriber"},
    ("arrived", "not_treated"): {"nurse", "clinician", "prescriber"},
    ("in_progress", "recovering"): {"nurse", "clinician", "prescriber"},
    ("in_progress", "stopped"): {"nurse", "clinician", "prescriber"},
}


@pytest.mark.parametrize(("before", "after"), FORWARD)
def test_each_step_belongs_to_its_roles(
    clinic: Clinic, plan: CarePlan, before: str, after: str
) -> None:
    reason = {"not_treated": "unwell", "stopped": "equipment"}.get(after, "")
    for number, role in enumerate(EVERY_ROLE):
        start = START + timedelta(days=7 * number)
        infusion = make_infusion(
            make_course(make_patient(), clinic), clinic, "inf.1", start, status=before
        )
        close_gates(infusion)
        if role in FORWARD[before, after]:
            step(infusion, after, start, role, reason=reason)
        else:
            assert why_not(infusion, after, start, role=role, reason=reason) == [
                ("not_allowed", after, role)
            ]


def test_every_open_gate_is_named(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START, status="arrived")
    close_gates(infusion, but=("consent", "ride", "fasting"))

    assert why_not(infusion, "in_progress", START) == [
        ("gate_open", "consent"),
        ("gate_open", "ride"),
        ("gate_open", "fasting"),
    ]


def test_a_gate_that_nobody_ever_set_is_open(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START, status="arrived")

    codes = ("clearance", "consent", "screening", "education", "ride", "fasting")
    assert why_not(infusion, "in_progress", START) == [("gate_open", code) for code in codes]


def test_the_gates_of_treatments_do_not_stand_before_talk(clinic: Clinic, plan: CarePlan) -> None:
    talk = make_talk(plan, clinic, "prep.1", START)
    step(talk, "arrived", START)

    assert step(talk, "in_progress", START, "clinician").status == "in_progress"


def test_a_nurse_overrides_fasting_with_a_reason_that_is_kept(
    clinic: Clinic, plan: CarePlan
) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START, status="arrived")
    close_gates(infusion, but=("fasting",))

    step(infusion, "in_progress", START, override_reason="a cracker at six")

    gate = Gate.objects.get(appointment=infusion, code="fasting")
    assert (gate.status, gate.reason) == ("overridden", "a cracker at six")
    event = Event.objects.get(verb="gate_overridden")
    assert (event.reason, event.facts) == ("a cracker at six", {"gate": "fasting"})


@pytest.mark.parametrize("role", ["nurse", "clinician", "prescriber"])
def test_nobody_overrides_clearance_or_consent(clinic: Clinic, plan: CarePlan, role: str) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START, status="arrived")
    close_gates(infusion, but=("clearance", "consent"))

    assert why_not(infusion, "in_progress", START, role=role, override_reason="in a hurry") == [
        ("gate_open", "clearance"),
        ("override_not_allowed", "clearance"),
        ("gate_open", "consent"),
        ("override_not_allowed", "consent"),
    ]


@pytest.mark.parametrize(
    ("clearance", "until", "starts"),
    [
        ("cleared", None, True),
        ("conditional", "2026-12-01", True),
        ("cleared", "2026-11-30", False),
        ("pending", None, False),
        ("declined", None, False),
        ("withdrawn", None, False),
        ("expired", None, False),
    ],
)
def test_a_ticked_gate_is_not_enough_without_clearance(
    clinic: Clinic, clearance: str, until: str | None, starts: bool
) -> None:
    plan = make_course(make_patient(), clinic, clearance=clearance, clearance_until=until)
    infusion = make_infusion(plan, clinic, "inf.1", START, status="arrived")
    close_gates(infusion)

    if starts:
        assert step(infusion, "in_progress", START).status == "in_progress"
    else:
        assert why_not(infusion, "in_progress", START) == [("not_cleared",)]


def test_no_treatment_starts_while_the_course_is_on_hold(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic, status="on_hold")
    infusion = make_infusion(plan, clinic, "inf.1", START, status="arrived")
    close_gates(infusion)

    assert why_not(infusion, "in_progress", START) == [("wrong_state", "on_hold", "in_progress")]


def test_a_chair_is_freed_by_discharge_not_by_the_clock(clinic: Clinic, plan: CarePlan) -> None:
    earlier = make_infusion(plan, clinic, "inf.1", START, status="recovering")
    nobody = make_course(make_patient("Grace"), clinic)
    later = make_infusion(nobody, clinic, "inf.1", START + timedelta(hours=3), status="arrived")
    close_gates(later)
    now = START + timedelta(hours=3)

    assert why_not(later, "in_progress", now) == [("taken", "inf.1", later.start.isoformat())]

    Appointment.objects.filter(pk=earlier.pk).update(status="fulfilled")
    assert step(later, "in_progress", now).status == "in_progress"


def test_nobody_arrives_on_an_earlier_day_or_is_missed_before_the_start(
    clinic: Clinic, plan: CarePlan
) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)

    assert why_not(infusion, "arrived", at("2026-11-30 23:59")) == [
        ("too_early", "arrived", START.isoformat())
    ]
    assert why_not(infusion, "noshow", START - timedelta(seconds=1)) == [
        ("too_early", "noshow", START.isoformat())
    ]
    assert step(infusion, "arrived", at("2026-12-01 00:00")).status == "arrived"


# --- Discharge ---------------------------------------------------------------------------------


def recovering(clinic: Clinic, plan: CarePlan) -> Appointment:
    """Recovering since 10:10."""
    infusion = make_infusion(plan, clinic, "inf.1", START, status="in_progress")
    return step(infusion, "recovering", START + timedelta(minutes=70))


def test_a_nurse_does_not_discharge_before_the_minimum_observation(
    clinic: Clinic, plan: CarePlan
) -> None:
    infusion = recovering(clinic, plan)

    assert why_not(infusion, "fulfilled", at("2026-12-01 11:09")) == [("observation", 60)]
    assert why_not(infusion, "fulfilled", at("2026-12-01 11:09"), override_reason="feels fine") == [
        ("observation", 60)
    ]
    assert step(infusion, "fulfilled", at("2026-12-01 11:10")).status == "fulfilled"


def test_a_prescriber_discharges_early_with_a_reason(clinic: Clinic, plan: CarePlan) -> None:
    infusion = recovering(clinic, plan)
    now = at("2026-12-01 10:40")

    assert why_not(infusion, "fulfilled", now, role="prescriber") == [
        ("reason_needed", "discharge")
    ]
    step(infusion, "fulfilled", now, "prescriber", override_reason="transfer to hospital")
    assert Event.objects.get(verb="fulfilled").reason == "transfer to hospital"


def test_discharge_frees_people_at_once_and_the_chair_after_cleaning(
    clinic: Clinic, plan: CarePlan
) -> None:
    infusion = recovering(clinic, plan)
    now = at("2026-12-01 10:40")
    assert held_of(infusion) == {
        "Nurse Quinn": (START, at("2026-12-01 11:10")),
        "Chair 1": (START, at("2026-12-01 11:25")),
    }

    step(infusion, "fulfilled", now, "prescriber", override_reason="well")

    assert held_of(infusion) == {
        "Nurse Quinn": (START, now),
        "Chair 1": (START, at("2026-12-01 10:55")),
    }
    assert PatientTime.objects.get(appointment=infusion).during.upper == now
    assert TreatmentSpacing.objects.filter(appointment=infusion).exists()


# --- What did not happen -----------------------------------------------------------------------


def test_a_noshow_frees_the_rest_and_asks_for_a_call(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)
    make_infusion(plan, clinic, "inf.2", START + timedelta(days=3))
    now = START + timedelta(minutes=20)

    step(infusion, "noshow", now, "front_desk")

    assert held_of(infusion) == {"Nurse Quinn": (START, now), "Chair 1": (START, now)}
    assert not TreatmentSpacing.objects.filter(appointment=infusion).exists()
    task = StaffTask.objects.get()
    assert (task.kind, task.role, task.urgent) == ("call_after_noshow", "front_desk", False)
    assert task.due_at == now + timedelta(minutes=15)
    plan.refresh_from_db()
    assert plan.status == "active"


@pytest.mark.parametrize(("days_ago", "urgent"), [(6, True), (8, False)])
def test_a_call_is_urgent_within_a_week_of_a_treatment(
    clinic: Clinic, plan: CarePlan, days_ago: int, urgent: bool
) -> None:
    make_infusion(plan, clinic, "inf.1", START - timedelta(days=days_ago), status="fulfilled")
    talk = make_talk(plan, clinic, "integ.1", START)

    step(talk, "noshow", START, "front_desk")

    assert StaffTask.objects.get().urgent == urgent


@pytest.mark.parametrize("ended", [False, True])
def test_a_call_is_urgent_while_an_alert_is_open(
    clinic: Clinic, plan: CarePlan, ended: bool
) -> None:
    alert = raise_alert(
        actor=Actor.sweep(), patient=plan.patient, site=clinic.site, care_plan=plan, now=START
    )
    if ended:
        end_alert(actor=actor("clinician"), alert=alert, action="Called.", now=START)
    talk = make_talk(plan, clinic, "prep.1", START)

    step(talk, "noshow", START, "front_desk")

    assert StaffTask.objects.get(kind="call_after_noshow").urgent == (not ended)


def test_who_was_not_treated_keeps_no_spacing_and_no_chair(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START, status="arrived")
    now = START + timedelta(minutes=10)

    assert why_not(infusion, "not_treated", now) == [("reason_needed", "not_treated")]
    assert why_not(infusion, "not_treated", now, reason="bored") == [("unknown", "reason", "bored")]
    done = step(infusion, "not_treated", now, reason="blood_pressure", note="168/104")

    assert done.reason == "blood_pressure"
    assert held_of(infusion) == {"Nurse Quinn": (START, now), "Chair 1": (START, now)}
    assert not TreatmentSpacing.objects.filter(appointment=infusion).exists()
    assert Event.objects.get(verb="not_treated").facts["note"] == "168/104"
    assert StaffTask.objects.get().kind == "rebook_session"


def test_who_arrived_and_goes_home_again_is_cancelled(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START, status="arrived")

    done = step(infusion, "cancelled", START, "front_desk", reason="no_ride")

    assert (done.status, done.reason, done.late) == ("cancelled", "no_ride", True)
    assert held_of(infusion) == {}


def test_a_stopped_treatment_is_watched_and_the_prescriber_says_whether_it_counts(
    clinic: Clinic, plan: CarePlan
) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START, status="in_progress")

    step(infusion, "stopped", at("2026-12-01 09:40"), reason="patient_request")

    assert held_of(infusion) == {
        "Nurse Quinn": (START, at("2026-12-01 10:40")),
        "Chair 1": (START, at("2026-12-01 10:55")),
    }
    assert TreatmentSpacing.objects.filter(appointment=infusion).exists()
    task = StaffTask.objects.get(kind="stopped_counts", role="prescriber")

    with pytest.raises(Refused, match="not_allowed"):
        count_stopped(actor=actor("nurse"), appointment=infusion, counts=False, now=START)
    count_stopped(actor=actor("prescriber"), appointment=infusion, counts=False, now=START)

    assert not TreatmentSpacing.objects.filter(appointment=infusion).exists()
    task.refresh_from_db()
    assert task.outcome == "does_not_count"


# --- Versions and nonsense ---------------------------------------------------------------------


def test_a_stale_version_changes_nothing(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)
    step(infusion, "arrived", START)

    assert why_not(infusion, "in_progress", START, version=infusion.version) == [
        ("stale", infusion.version + 1)
    ]


@pytest.mark.parametrize("to", ["booked", "held", "released", "fulfilled", "in_progress"])
def test_steps_that_do_not_exist_are_refused(clinic: Clinic, plan: CarePlan, to: str) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)

    assert why_not(infusion, to, START) == [("wrong_state", "booked", to)]


def test_a_hold_is_not_confirmed_by_a_transition(clinic: Clinic) -> None:
    held = make_appointment(
        make_patient(),
        make_talk(make_course(make_patient(), clinic), clinic, "prep.1", START).service,
        clinic.site,
        START,
        [clinic.therapists[1], clinic.rooms[1]],
        status="held",
        expires_at=START,
    )

    assert why_not(held, "booked", START, role="front_desk") == [("wrong_state", "held", "booked")]


def test_an_unknown_state_is_unknown(clinic: Clinic, plan: CarePlan) -> None:
    infusion = make_infusion(plan, clinic, "inf.1", START)

    assert why_not(infusion, "done", START) == [("unknown", "to", "done")]
