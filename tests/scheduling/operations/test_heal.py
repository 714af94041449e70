"""A course that lost something, or was changed by its prescriber, is planned anew with the least
change; and only what somebody agreed to is booked."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from accounts.models import Patient
from scheduling.core.refusals import Code, Refused
from scheduling.core.walltime import local_date
from scheduling.models import Appointment, CarePlan, CourseChange, Event, Resource, StaffTask
from scheduling.operations.actor import Actor
from scheduling.operations.heal import agree, propose
from scheduling.operations.pause import pause
from scheduling.operations.prescribe import prescribe, withdraw_change
from scheduling.operations.resume import resume
from scheduling.operations.switch_course import agree_to_switch, find_switch
from tests.factories import (
    NOW,
    ZONE,
    Clinic,
    make_clinic,
    make_closure,
    make_patient,
    make_protocol_version,
    make_user,
)
from tests.scheduling.operations.booking import book
from tests.scheduling.operations.care import actor
from tests.scheduling.operations.waiting import give_up, owner

pytestmark = pytest.mark.django_db
WHY = "lasting response"


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def plan(clinic: Clinic) -> CarePlan:
    """Ada's fourteen sessions from 1 December on."""
    ada = make_patient(user=make_user("ada@example.org"))
    return book(clinic, make_protocol_version("trd_iv6"), ada, owner(ada))


def starts(plan: CarePlan) -> dict[str, datetime]:
    return dict(plan.appointments.filter(status="booked").values_list("step", "start"))


def lose(plan: CarePlan, *steps: str) -> None:
    for step in steps:
        give_up(plan.appointments.get(step=step, status="booked"))


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[Code]:
    return {one.code for one in refused.value.refusals}


def test_what_was_lost_gets_the_nearest_time_and_nothing_else_moves(plan: CarePlan) -> None:
    before = starts(plan)
    lose(plan, "integ.4")

    healing = propose(actor=owner(plan.patient), care_plan=plan, now=NOW)

    [one] = healing.sessions
    assert (one.step, one.kind, one.before) == ("integ.4", "again", before["integ.4"])
    assert one.start != before["integ.4"], "that time was given up"
    assert abs(one.start - before["integ.4"]) < timedelta(days=2)
    assert not starts(plan).keys() & {"integ.4"}, "nothing is booked yet"
    assert not Event.objects.filter(verb="course_healed").exists()


def test_what_was_shown_is_booked_and_what_it_did_is_said(plan: CarePlan) -> None:
    before = starts(plan)
    lose(plan, "inf.3", "review.1")
    healing = propose(actor=owner(plan.patient), care_plan=plan, now=NOW)
    agreed = {one.step: one.start for one in healing.sessions}

    agree(actor=owner(plan.patient), care_plan=plan, agreed=agreed, version=plan.version, now=NOW)

    after = starts(plan)
    assert after == {**before, **agreed}
    said = Event.objects.get(verb="course_healed", care_plan=plan)
    assert {one["step"] for one in said.facts["sessions"]} == {"inf.3", "review.1"}
    assert not StaffTask.objects.filter(kind="step_cancelled", finished_at=None).exists()


def test_the_rest_follows_only_where_it_cannot_be_helped(plan: CarePlan, clinic: Clinic) -> None:
    """The prescriber is away on the days between the neighbours: then what follows moves too."""
    lose(plan, "inf.3", "review.1")
    kept = starts(plan)
    away = kept["inf.2"] + timedelta(hours=12), kept["inf.4"] - timedelta(hours=8)
    make_closure(clinic.prescriber, *away)

    healing = propose(actor=owner(plan.patient), care_plan=plan, now=NOW)

    kinds = {one.step: one.kind for one in healing.sessions}
    assert kinds["inf.3"] == "again"
    assert "moved" in kinds.values()
    agreed = {one.step: one.start for one in healing.sessions}
    agree(actor=owner(plan.patient), care_plan=plan, agreed=agreed, version=None, now=NOW)
    after = starts(plan)
    infusions = [local_date(after[f"inf.{n}"], ZONE) for n in range(1, 7)]
    assert all((b - a).days >= 2 for a, b in pairwise(infusions))
    assert {step for step in kept if after[step] != kept[step]} == {
        step for step, kind in kinds.items() if kind == "moved"
    }


def test_only_what_fits_is_agreed_to(plan: CarePlan) -> None:
    lose(plan, "inf.3")
    near = starts(plan)["inf.4"] - timedelta(days=1)

    with pytest.raises(Refused) as refused:
        agree(
            actor=owner(plan.patient), care_plan=plan, agreed={"inf.3": near}, version=None,
            now=NOW,
        )  # fmt: skip

    assert codes(refused) & {Code.GAP, Code.SPACING}
    assert "inf.3" not in starts(plan)


@pytest.mark.parametrize("agreed", [{}, {"eval.9": NOW}, {"nonsense": NOW}])
def test_nonsense_is_agreed_to_by_nobody(plan: CarePlan, agreed: dict[str, datetime]) -> None:
    lose(plan, "inf.3")
    with pytest.raises(Refused):
        agree(actor=owner(plan.patient), care_plan=plan, agreed=agreed, version=None, now=NOW)


def test_a_stranger_sees_and_books_nothing(plan: CarePlan) -> None:
    lose(plan, "inf.3")
    stranger = owner(make_patient("Otto"))
    for deed in (
        lambda: propose(actor=stranger, care_plan=plan, now=NOW),
        lambda: agree(actor=stranger, care_plan=plan, agreed={}, version=None, now=NOW),
    ):
        with pytest.raises(Refused) as refused:
            deed()
        assert codes(refused) == {Code.NOT_ALLOWED}


def test_a_no_show_counts_once_it_stands(plan: CarePlan) -> None:
    missed = plan.appointments.get(step="prep.1")
    Appointment.objects.filter(pk=missed.pk).update(status="noshow")
    when = missed.start + timedelta(minutes=20)
    Event.objects.create(
        at=when, actor_label="user", verb="noshow", appointment=missed, care_plan=plan
    )
    desk = actor("front_desk")

    assert propose(actor=desk, care_plan=plan, now=when + timedelta(minutes=5)).sessions == ()
    later = propose(actor=desk, care_plan=plan, now=when + timedelta(minutes=16))
    assert [one.kind for one in later.sessions if one.step == "prep.1"] == ["again"]
    assert all(one.start > when for one in later.sessions)


def test_after_a_pause_every_treatment_gets_a_time_again(plan: CarePlan) -> None:
    desk = actor("prescriber")
    pause(actor=desk, care_plan=plan, reason="travel", version=None, now=NOW)
    resume(actor=desk, care_plan=plan, version=None, now=NOW)

    healing = propose(actor=owner(plan.patient), care_plan=plan, now=NOW)

    assert {one.step for one in healing.sessions if one.kind == "again"} == {
        f"inf.{n}" for n in range(1, 7)
    }
    agreed = {one.step: one.start for one in healing.sessions}
    agree(actor=owner(plan.patient), care_plan=plan, agreed=agreed, version=None, now=NOW)
    assert not StaffTask.objects.filter(kind="rebook_treatments", finished_at=None).exists()


class TestPrescribed:
    def test_maintenance_is_added_once_the_patient_agrees(self, plan: CarePlan) -> None:
        before = starts(plan)

        change, healing = prescribe(
            actor=actor("prescriber"),
            care_plan=plan,
            kind="add",
            details={"step": "maint", "count": 2},
            reason=WHY,
            version=None,
            now=NOW,
        )

        assert [one.kind for one in healing.sessions] == ["new", "new"]
        assert starts(plan) == before
        agreed = {one.step: one.start for one in healing.sessions}
        agree(actor=owner(plan.patient), care_plan=plan, agreed=agreed, version=None, now=NOW)
        after = starts(plan)
        assert after.keys() - before.keys() == {"maint.1", "maint.2"}
        gap = local_date(after["maint.1"], ZONE) - local_date(after["inf.6"], ZONE)
        assert 5 <= gap.days <= 10
        change.refresh_from_db()
        plan.refresh_from_db()
        assert (change.status, plan.sessions) == ("agreed", 16)

    def test_part_of_it_is_not_agreed_to(self, plan: CarePlan) -> None:
        _change, healing = prescribe(
            actor=actor("prescriber"), care_plan=plan, kind="add",
            details={"step": "maint", "count": 2}, reason=WHY, version=None, now=NOW,
        )  # fmt: skip
        first = healing.sessions[0]
        with pytest.raises(Refused) as refused:
            agree(
                actor=owner(plan.patient), care_plan=plan, agreed={first.step: first.start},
                version=None, now=NOW,
            )  # fmt: skip
        assert codes(refused) == {Code.STEP_MISSING}

    def test_a_step_down_spreads_what_is_ahead(self, plan: CarePlan) -> None:
        details = {"step": "inf", "min": 5, "target": 7, "max": 14}
        _change, healing = prescribe(
            actor=actor("prescriber"), care_plan=plan, kind="pace", details=details, reason=WHY,
            version=None, now=NOW,
        )  # fmt: skip
        assert {one.kind for one in healing.sessions} == {"moved"}

        agreed = {one.step: one.start for one in healing.sessions}
        agree(actor=owner(plan.patient), care_plan=plan, agreed=agreed, version=None, now=NOW)

        after = starts(plan)
        days = [local_date(after[f"inf.{n}"], ZONE) for n in range(1, 7)]
        assert all(5 <= (b - a).days <= 14 for a, b in pairwise(days))
        plan.refresh_from_db()
        assert plan.pace == {"inf": [5, 7, 14]}

    @pytest.mark.parametrize(
        ("who", "kind", "details", "reason", "code"),
        [
            ("nurse", "add", {"step": "maint", "count": 1}, WHY, Code.NOT_ALLOWED),
            ("prescriber", "add", {"step": "maint", "count": 1}, " ", Code.REASON_NEEDED),
            ("prescriber", "add", {"step": "maint", "count": 99}, WHY, Code.UNKNOWN),
            ("prescriber", "add", {"step": "inf", "count": 1}, WHY, Code.UNKNOWN),
            ("prescriber", "pace", {"step": "inf", "min": 9, "max": 3}, WHY, Code.UNKNOWN),
            ("prescriber", "more", {"step": "inf"}, WHY, Code.UNKNOWN),
        ],
    )
    def test_what_is_refused(
        self,
        plan: CarePlan,
        who: str,
        kind: str,
        details: dict[str, object],
        reason: str,
        code: Code,
    ) -> None:
        with pytest.raises(Refused) as refused:
            prescribe(
                actor=actor(who), care_plan=plan, kind=kind, details=details, reason=reason,
                version=None, now=NOW,
            )  # fmt: skip
        assert code in codes(refused)
        assert not CourseChange.objects.exists()

    def test_a_change_is_taken_back(self, plan: CarePlan) -> None:
        prescriber: Actor = actor("prescriber")
        change, _healing = prescribe(
            actor=prescriber, care_plan=plan, kind="add", details={"step": "maint", "count": 1},
            reason=WHY, version=None, now=NOW,
        )  # fmt: skip
        withdraw_change(actor=prescriber, change=change, now=NOW)
        patient: Patient = plan.patient
        assert propose(actor=owner(patient), care_plan=plan, now=NOW).sessions == ()


class TestSwitched:
    def test_the_rest_goes_on_by_another_protocol(self, plan: CarePlan) -> None:
        make_protocol_version("ptsd_iv6_wet")
        before = starts(plan)
        change, healing = prescribe(
            actor=actor("prescriber"), care_plan=plan, kind="switch",
            details={"protocol": "ptsd_iv6_wet"}, reason=WHY, version=None, now=NOW,
        )  # fmt: skip
        assert healing.sessions == ()
        found = find_switch(change, NOW)
        [proposal] = found.answer.proposals
        assert starts(plan) == before

        fresh = agree_to_switch(
            actor=owner(plan.patient), change=change, proposal=found.token(proposal),
            version=None, now=NOW,
        )  # fmt: skip

        plan.refresh_from_db()
        assert (plan.status, plan.reason) == ("revoked", "switched")
        assert starts(plan) == {}
        assert fresh.protocol_version.protocol_id == "ptsd_iv6_wet"
        assert (fresh.status, len(starts(fresh))) == ("active", fresh.sessions)
        assert Event.objects.get(verb="course_switched").facts["from"] == str(plan.pk)
        with pytest.raises(Refused) as refused:
            agree_to_switch(
                actor=owner(plan.patient), change=change, proposal=found.token(proposal),
                version=None, now=NOW,
            )  # fmt: skip
        assert Code.WRONG_STATE in codes(refused)

    def test_where_the_new_one_is_taken_the_old_one_stays(self, plan: CarePlan) -> None:
        make_protocol_version("ptsd_iv6_wet")
        change, _healing = prescribe(
            actor=actor("prescriber"), care_plan=plan, kind="switch",
            details={"protocol": "ptsd_iv6_wet"}, reason=WHY, version=None, now=NOW,
        )  # fmt: skip
        found = find_switch(change, NOW)
        token = found.token(found.answer.proposals[0])
        before = starts(plan)
        Resource.objects.filter(roles__contains=["nurse"]).update(active=False)

        with pytest.raises(Refused):
            agree_to_switch(
                actor=owner(plan.patient), change=change, proposal=token, version=None, now=NOW
            )

        plan.refresh_from_db()
        assert (plan.status, starts(plan)) == ("active", before)
        assert plan.changes.get().status == "proposed"

    @pytest.mark.parametrize("protocol", ["trd_iv6", "dragon", ""])
    def test_to_what_it_cannot_be_switched(self, plan: CarePlan, protocol: str) -> None:
        with pytest.raises(Refused) as refused:
            prescribe(
                actor=actor("prescriber"), care_plan=plan, kind="switch",
                details={"protocol": protocol}, reason=WHY, version=None, now=NOW,
            )  # fmt: skip
        assert codes(refused) == {Code.UNKNOWN}
