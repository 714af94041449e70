"""Who may close, reopen and override which gate."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from scheduling.core.refusals import Refused
from scheduling.models import Event, Gate
from scheduling.operations.gates import set_gate
from tests.factories import NOW, Clinic, at, make_appointment, make_patient
from tests.scheduling.operations.care import (
    EVERY_ROLE,
    actor,
    load_clinic,
    make_course,
    make_infusion,
)

pytestmark = pytest.mark.django_db

STAFF = {"front_desk", "nurse", "clinician", "prescriber", "manager"}

MAY_CLOSE = {
    "consent": {"prescriber"},
    "rems": {"nurse", "prescriber"},
    "screening": {"nurse", "prescriber"},
    "questionnaire": STAFF | {"patient"},
    "education": STAFF | {"patient"},
    "ride": STAFF | {"patient"},
    "fasting": {"nurse", "clinician", "prescriber"},
    "clearance": set(),  # by `clear` alone
}
MAY_OVERRIDE = {
    "consent": set(),
    "rems": set(),
    "clearance": set(),
    "screening": {"nurse", "prescriber"},
    "questionnaire": STAFF,
    "education": STAFF,
    "ride": STAFF,
    "fasting": {"nurse", "prescriber"},
}


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


def able(roles: Iterable[str], clinic: Clinic, code: str, **what: object) -> set[str]:
    """Those of the roles whom `set_gate` obeys."""
    plan = make_course(make_patient(), clinic)
    found = set()
    for role in roles:
        try:
            set_gate(actor=actor(role), care_plan=plan, code=code, version=None, now=NOW, **what)
        except Refused:
            continue
        found.add(role)
    return found


@pytest.mark.parametrize("code", MAY_CLOSE)
def test_each_gate_is_closed_by_its_own_people(clinic: Clinic, code: str) -> None:
    assert able(EVERY_ROLE, clinic, code, status="closed") == MAY_CLOSE[code]


@pytest.mark.parametrize("code", MAY_CLOSE)
def test_whoever_closes_a_gate_may_reopen_it(clinic: Clinic, code: str) -> None:
    assert able(EVERY_ROLE, clinic, code, status="open") == MAY_CLOSE[code]


@pytest.mark.parametrize("code", MAY_OVERRIDE)
def test_each_gate_is_overridden_by_its_own_people(clinic: Clinic, code: str) -> None:
    found = able(EVERY_ROLE, clinic, code, status="overridden", override_reason="on the phone")
    assert found == MAY_OVERRIDE[code]


def test_an_override_needs_a_reason(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)

    with pytest.raises(Refused, match=r"^reason_needed$"):
        set_gate(
            actor=actor("nurse"),
            care_plan=plan,
            code="ride",
            status="overridden",
            version=plan.version,
            now=NOW,
        )
    assert not Gate.objects.exists()


def test_a_closed_gate_says_who_and_when_and_raises_both_versions(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)
    infusion = make_infusion(plan, clinic, "inf.1", at("2026-12-01 09:00"))
    desk = actor("front_desk")

    gate = set_gate(
        actor=desk,
        care_plan=plan,
        appointment=infusion,
        code="ride",
        status="closed",
        note="brother, by car",
        version=plan.version,
        now=NOW,
    )

    assert (gate.appointment, gate.status, gate.note) == (infusion, "closed", "brother, by car")
    assert (gate.closed_by, gate.closed_at) == (desk.user, NOW)
    before = plan.version, infusion.version
    plan.refresh_from_db()
    infusion.refresh_from_db()
    assert (plan.version, infusion.version) == (before[0] + 1, before[1] + 1)
    event = Event.objects.get()
    assert (event.verb, event.actor, event.facts) == ("gate_closed", desk.user, {"gate": "ride"})
    assert event.reason == "", "who drives stands at the gate, not in history for ever"
    assert (event.care_plan, event.appointment) == (plan, infusion)


def test_a_reopened_gate_forgets_who_closed_it(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)
    for status in ("closed", "open"):
        gate = set_gate(
            actor=actor("prescriber"),
            care_plan=plan,
            code="consent",
            status=status,
            version=None,
            now=NOW,
        )
    assert (gate.status, gate.closed_by, gate.closed_at) == ("open", None, None)
    assert list(Event.objects.values_list("verb", flat=True)) == ["gate_closed", "gate_reopened"]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"code": "nonsense"}, "unknown"),
        ({"status": "ajar"}, "unknown"),
        ({"code": "nonsense", "status": "ajar"}, "unknown, unknown"),
        ({"version": 99}, "stale"),
    ],
)
def test_what_makes_no_sense_is_refused(
    clinic: Clinic, change: dict[str, object], codes: str
) -> None:
    plan = make_course(make_patient(), clinic)
    asked = {"code": "ride", "status": "closed", "version": plan.version} | change

    with pytest.raises(Refused, match=f"^{codes}$"):
        set_gate(actor=actor("nurse"), care_plan=plan, now=NOW, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", ["completed", "revoked", "expired", "released"])
def test_a_course_that_is_over_has_no_gates_to_set(clinic: Clinic, status: str) -> None:
    plan = make_course(make_patient(), clinic, status=status)

    with pytest.raises(Refused, match="wrong_state"):
        set_gate(
            actor=actor("nurse"),
            care_plan=plan,
            code="ride",
            status="closed",
            version=None,
            now=NOW,
        )


def test_a_session_of_another_course_is_unknown_here(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)
    other = make_course(make_patient("Grace"), clinic)
    infusion = make_infusion(other, clinic, "inf.1", at("2026-12-01 09:00"))

    with pytest.raises(Refused, match="unknown"):
        set_gate(
            actor=actor("nurse"),
            care_plan=plan,
            appointment=infusion,
            code="ride",
            status="closed",
            version=None,
            now=NOW,
        )


def test_a_single_treatment_is_cleared_by_a_prescriber_at_its_own_gate(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)
    infusion = make_infusion(plan, clinic, "inf.1", at("2026-12-01 09:00"))
    single = make_appointment(
        make_patient("Grace"),
        infusion.service,
        clinic.site,
        at("2026-12-02 09:00"),
        [clinic.nurses[0], clinic.chairs[0]],
    )

    asked = {"care_plan": None, "appointment": single, "code": "clearance", "status": "closed"}
    with pytest.raises(Refused, match="not_allowed"):
        set_gate(actor=actor("nurse"), version=single.version, now=NOW, **asked)  # type: ignore[arg-type]
    gate = set_gate(actor=actor("prescriber"), version=single.version, now=NOW, **asked)  # type: ignore[arg-type]
    assert gate.status == "closed"


def test_a_ride_belongs_to_the_next_session_where_none_is_named(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)
    first = make_infusion(plan, clinic, "inf.1", at("2026-12-01 09:00"), status="fulfilled")
    second = make_infusion(plan, clinic, "inf.2", at("2026-12-08 09:00"))
    third = make_infusion(plan, clinic, "inf.3", at("2026-12-15 09:00"))
    Gate.objects.bulk_create(Gate(appointment=one, code="ride") for one in (first, second, third))

    gate = set_gate(
        actor=actor("patient"),
        care_plan=plan,
        code="ride",
        status="closed",
        version=plan.version,
        now=NOW,
    )

    assert gate.appointment == second
    assert list(Gate.objects.filter(status="closed")) == [gate]


def test_clearance_of_a_course_is_not_ticked_at_a_session_either(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)
    infusion = make_infusion(plan, clinic, "inf.1", at("2026-12-01 09:00"))

    with pytest.raises(Refused, match=r"^not_allowed$"):
        set_gate(
            actor=actor("prescriber"),
            care_plan=None,
            appointment=infusion,
            code="clearance",
            status="closed",
            version=None,
            now=NOW,
        )
    assert not Gate.objects.exists()
