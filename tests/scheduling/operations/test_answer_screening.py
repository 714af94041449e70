"""Answers are kept one by one, and a call for help comes before everything else."""

from __future__ import annotations

import pytest
from django.db import DatabaseError

from scheduling.core.refusals import Refused
from scheduling.core.screening import Question, Reply
from scheduling.models import CarePlan, Escalation, Event, Screening, StaffTask
from scheduling.operations import answer_screening
from scheduling.operations.actor import Actor
from scheduling.operations.answer_screening import READ_SCREENING, keep_answers, send_screening
from tests.factories import NOW, make_patient, make_user
from tests.scheduling.operations.care import load_clinic, make_course

pytestmark = pytest.mark.django_db(transaction=True)
ALL_NO = {question.value: Reply.NO.value for question in Question}


@pytest.fixture
def plan() -> CarePlan:
    return make_course(make_patient(user=make_user("ada@example.org")), load_clinic())


def keep(plan: CarePlan, **answers: str) -> Escalation | None:
    return keep_answers(actor=Actor.of(plan.patient.user), care_plan=plan, answers=answers, now=NOW)


def send(plan: CarePlan) -> Screening:
    return send_screening(actor=Actor.of(plan.patient.user), care_plan=plan, now=NOW)


def test_of_two_open_pages_the_last_word_about_each_question_counts(plan: CarePlan) -> None:
    keep(plan, heart="yes", liver="no")
    keep(plan, liver="unsure", medicines="lithium")

    kept = Screening.objects.get().answers
    assert kept == {"heart": "yes", "liver": "unsure", "medicines": "lithium"}


def test_what_nobody_asked_is_passed_over(plan: CarePlan) -> None:
    keep(plan, heart="perhaps", shoe_size="9", medicines="a\0b")

    assert Screening.objects.get().answers == {"medicines": "ab"}


def test_answers_without_a_flag_ask_for_nobody(plan: CarePlan) -> None:
    keep(plan, **ALL_NO)
    send(plan)

    assert not StaffTask.objects.exists()
    assert not Escalation.objects.exists()


def test_a_flag_asks_a_clinician_and_decides_nothing(plan: CarePlan) -> None:
    keep(plan, **ALL_NO | {"bladder": "yes"})
    send(plan)

    assert StaffTask.objects.get().kind == READ_SCREENING
    plan.refresh_from_db()
    assert plan.clearance == "cleared"


def test_a_red_flag_has_a_clearance_looked_at_again(plan: CarePlan) -> None:
    keep(plan, **ALL_NO | {"aneurysm": "unsure"})
    send(plan)

    plan.refresh_from_db()
    assert plan.clearance == "pending"
    assert set(StaffTask.objects.values_list("kind", "role")) == {
        (READ_SCREENING, "clinician"),
        ("clearance_wanted", "prescriber"),
    }


def test_an_answer_is_missing(plan: CarePlan) -> None:
    keep(plan, heart="no")

    with pytest.raises(Refused):
        send(plan)
    assert Screening.objects.get().submitted_at is None


@pytest.mark.parametrize("reply", ["yes", "unsure"])
def test_help_is_called_before_the_answer_is_kept(
    plan: CarePlan, reply: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever happens to the answer, somebody is told."""
    monkeypatch.setattr(answer_screening, "KEEP", "SELECT 1 / 0 -- %s %s")

    with pytest.raises(DatabaseError):
        keep(plan, self_harm=reply)

    assert Escalation.objects.get().patient == plan.patient
    assert not Screening.objects.exists()


def test_help_is_called_in_a_course_that_is_over(plan: CarePlan) -> None:
    CarePlan.objects.update(status="revoked")
    plan.refresh_from_db()

    with pytest.raises(Refused):
        keep(plan, self_harm="yes")
    assert Escalation.objects.exists()


def test_sending_the_same_answer_again_does_not_disturb_who_has_the_alert(plan: CarePlan) -> None:
    alert = keep(plan, self_harm="yes")
    assert alert
    Escalation.objects.update(acknowledged_by=make_user("tess@example.org"), acknowledged_at=NOW)

    keep(plan, **ALL_NO | {"self_harm": "yes"})
    assert Escalation.objects.get().acknowledged_by
    keep(plan, self_harm="no")
    keep(plan, self_harm="yes")
    assert not Escalation.objects.get().acknowledged_by


def test_history_says_nothing_of_the_answers(plan: CarePlan) -> None:
    keep(plan, **ALL_NO | {"self_harm": "yes", "aneurysm": "yes", "medicines": "lithium"})
    send(plan)

    told = [str((one.verb, one.reason, one.facts)) for one in Event.objects.all()]
    told += [str((one.kind, one.facts, one.note)) for one in StaffTask.objects.all()]
    for words in ("self_harm", "aneurysm", "lithium", "suicid"):
        assert not [one for one in told if words in one]
