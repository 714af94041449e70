"""Answers are kept, scored once, and a call for help comes before anything else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError

from scheduling.core.refusals import Code, Refused
from scheduling.models import (
    CarePlan,
    Escalation,
    Event,
    Gate,
    QuestionnaireResponse,
    StaffTask,
)
from scheduling.operations import answer_questionnaire
from scheduling.operations.actor import Actor
from scheduling.operations.answer_questionnaire import WORSENING, keep_answers, send_answers
from scheduling.selectors.forms import PATIENT, Form, State, forms_of
from tests.factories import at, make_patient, make_user
from tests.scheduling.operations.care import load_clinic, make_course, make_infusion

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = at("2026-12-01 09:00")
NOW = FIRST - timedelta(days=2)


@pytest.fixture
def plan() -> CarePlan:
    """Ada's course: two infusions ahead."""
    clinic = load_clinic()
    plan = make_course(make_patient(user=make_user("ada@example.org")), clinic)
    make_infusion(plan, clinic, "inf.1", FIRST)
    make_infusion(plan, clinic, "inf.3", FIRST + timedelta(days=7))
    return plan


def form(plan: CarePlan, number: int = 0, now: datetime = NOW) -> Form:
    return forms_of(CarePlan.objects.get(pk=plan.pk), now, who=PATIENT)[number]


def keep(plan: CarePlan, sent: dict[str, str], number: int = 0, now: datetime = NOW) -> None:
    actor = Actor.of(plan.patient.user)
    keep_answers(actor=actor, care_plan=plan, form=form(plan, number, now), sent=sent, now=now)


def send(plan: CarePlan, number: int = 0, now: datetime = NOW) -> QuestionnaireResponse:
    actor = Actor.of(plan.patient.user)
    return send_answers(actor=actor, care_plan=plan, form=form(plan, number, now), now=now)


def all_of(value: int) -> dict[str, str]:
    """Every answer that value, but no thought of death."""
    return {str(item): str(value) for item in range(1, 9)} | {"9": "0"}


def test_of_two_open_pages_the_last_word_about_each_question_counts(plan: CarePlan) -> None:
    keep(plan, {"1": "0", "2": "1"})
    keep(plan, {"2": "2", "99": "1", "3": "lots"})

    assert QuestionnaireResponse.objects.get().answers == {"1": "0", "2": "2"}


def test_sent_once_it_is_scored_and_stands(plan: CarePlan) -> None:
    keep(plan, all_of(2))
    sent = send(plan)
    with pytest.raises(Refused):
        keep(plan, all_of(0))
    again = send(plan)

    assert sent.score == again.score == 16
    assert QuestionnaireResponse.objects.get().answers == all_of(2)
    assert Event.objects.filter(verb="questionnaire_sent").count() == 1
    assert Event.objects.get(verb="questionnaire_sent").facts == {}


def test_with_an_answer_missing_nothing_is_scored(plan: CarePlan) -> None:
    keep(plan, {"1": "3"})
    with pytest.raises(Refused) as caught:
        send(plan)

    assert caught.value.refusals[0].code == Code.WRONG_STATE
    assert QuestionnaireResponse.objects.get().score is None


@pytest.mark.parametrize("days", [-9, 1])
def test_before_and_after_its_days_nothing_is_kept(plan: CarePlan, days: int) -> None:
    with pytest.raises(Refused):
        keep(plan, all_of(1), now=FIRST + timedelta(days=days))

    assert not QuestionnaireResponse.objects.exists()


def test_the_ninth_item_raises_its_alert_even_when_nothing_can_be_kept(plan: CarePlan) -> None:
    with pytest.raises(Refused):
        keep(plan, {"9": "1"}, now=FIRST + timedelta(days=1))

    assert Escalation.objects.get().patient == plan.patient


def test_the_alert_stands_when_keeping_the_answer_fails(
    plan: CarePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = "SELECT 1 / 0 -- " + "%s " * 7
    monkeypatch.setattr(answer_questionnaire, "KEEP", failing)

    with pytest.raises(DatabaseError):
        keep(plan, {"9": "2"})

    assert Escalation.objects.exists()
    assert not QuestionnaireResponse.objects.exists()


def test_the_same_alarming_answer_twice_begins_no_new_round(plan: CarePlan) -> None:
    keep(plan, {"9": "1"})
    Escalation.objects.update(told_at=NOW)
    keep(plan, {"9": "1"})
    assert Escalation.objects.get().told_at == NOW

    keep(plan, {"9": "3"})
    assert Escalation.objects.get().told_at is None


def test_a_worse_score_asks_a_clinician_and_says_no_number(plan: CarePlan) -> None:
    keep(plan, all_of(1))
    send(plan)
    assert not StaffTask.objects.filter(kind=WORSENING).exists()

    later = FIRST + timedelta(days=6)
    keep(plan, all_of(2), 1, later)
    send(plan, 1, later)

    task = StaffTask.objects.get(kind=WORSENING)
    assert (task.role, task.facts) == ("clinician", {})


def test_the_gate_of_its_session_closes(plan: CarePlan) -> None:
    session = plan.appointments.get(step="inf.1")
    Gate.objects.create(appointment=session, code="questionnaire")
    Gate.objects.create(appointment=plan.appointments.get(step="inf.3"), code="questionnaire")
    keep(plan, all_of(0))
    send(plan)

    assert list(Gate.objects.filter(status="closed")) == [Gate.objects.get(appointment=session)]


def test_a_form_follows_its_session_and_a_session_given_up_has_none(plan: CarePlan) -> None:
    session = plan.appointments.get(step="inf.1")
    assert form(plan).state == State.OPEN
    key = form(plan).id
    session.start += timedelta(days=14)
    session.end += timedelta(days=14)
    moved = forms_of(plan, NOW, who=PATIENT, sessions=[session])
    given_up = forms_of(plan, NOW, who=PATIENT, sessions=[])

    assert [(one.id, one.state) for one in moved] == [(key, State.AHEAD)]
    assert given_up == []
