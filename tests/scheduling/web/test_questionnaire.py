"""Questionnaires, scores and the consent on the patient's pages."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from scheduling.models import (
    CarePlan,
    ConsentSignature,
    Escalation,
    Gate,
    QuestionnaireResponse,
)
from tests.factories import Clinic, make_patient, make_user
from tests.scheduling.operations.care import load_clinic, make_course, make_infusion
from tests.scheduling.web.booked import give_treatment_today, prove, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
CALM = {str(item): "1" for item in range(1, 9)} | {"9": "0"}


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


@pytest.fixture
def plan(clinic: Clinic) -> CarePlan:
    plan = make_course(make_patient(user=make_user("ada@example.org")), clinic)
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=4)
    make_infusion(plan, clinic, "inf.1", start)
    Gate.objects.create(care_plan=plan, code="consent")
    return plan


def strong(plan: CarePlan) -> Client:
    return prove(signed_in(plan), plan.patient.user)


def form_id(plan: CarePlan) -> UUID:
    return QuestionnaireResponse.key_of(plan, "phq9/1/inf.1/1")


def questions(plan: CarePlan) -> str:
    return f"/courses/{plan.pk}/questions/{form_id(plan)}/"


def test_the_course_asks_for_it_and_the_address_says_nothing(plan: CarePlan) -> None:
    page = signed_in(plan).get(f"/courses/{plan.pk}/").content.decode()

    assert questions(plan) in page
    assert f"/courses/{plan.pk}/consent/" in page
    assert "phq" not in page.lower()


@pytest.mark.parametrize("path", ["questions", "progress/", "consent/", "consent/copy/"])
def test_a_code_by_mail_shows_no_answers_scores_or_documents(plan: CarePlan, path: str) -> None:
    path = questions(plan) if path == "questions" else f"/courses/{plan.pk}/{path}"

    answer = signed_in(plan).get(path)

    assert answer["Location"].startswith("/account/stronger/?next=")


def test_answers_sent_under_a_code_by_mail_are_kept_and_raise_the_alert(plan: CarePlan) -> None:
    signed_in(plan).post(questions(plan) + "answer/", {"9": "2"})

    assert QuestionnaireResponse.objects.get().answers == {"9": "2"}
    assert Escalation.objects.exists()


def test_help_stands_at_once(plan: CarePlan) -> None:
    page = strong(plan).post(questions(plan) + "answer/", {"9": "1"}).content.decode()

    assert 'href="tel:988"' in page
    assert "Whoever is on call is told right now" in page


def test_some_answers_then_all(plan: CarePlan) -> None:
    browser = strong(plan)
    page = browser.post(questions(plan), {"1": "3"}, follow=True).content.decode()
    assert "Some questions are still open" in page
    assert 'id="q1-3" name="1" value="3" checked' in page

    page = browser.post(questions(plan), CALM, follow=True).content.decode()
    assert "Your clinician sees your answers." in page
    assert questions(plan) not in page
    sent = QuestionnaireResponse.objects.get()
    assert (sent.score, sent.answers["1"]) == (8, "1")

    trend = browser.get(f"/courses/{plan.pk}/progress/").content.decode()
    assert "<td>8</td><td>mild</td>" in trend
    assert "You sent this on" in browser.get(questions(plan)).content.decode()


def test_read_signed_and_taken_home(plan: CarePlan) -> None:
    browser, path = strong(plan), f"/courses/{plan.pk}/consent/"
    page = browser.get(path)
    shown = page.context["form"]["shown"].value()

    unsigned = browser.post(path, {"name": "Ada " * 100, "shown": shown}).content.decode()
    assert "Tick this if you agree" in unsigned
    assert "Nothing you typed is lost" in unsigned
    browser.post(path, {"agree": "on", "name": "<b>Ada</b> 🦋", "shown": shown})

    assert Gate.objects.get().status == "closed"
    copy = browser.get(path + "copy/")
    assert copy["Content-Disposition"].startswith('attachment; filename="document-')
    words = copy.content.decode()
    assert "&lt;b&gt;Ada&lt;/b&gt; 🦋" in words
    assert ConsentSignature.objects.get().fingerprint in words
    for reference in ("src=", "href=", "url("):
        assert reference not in words


def test_on_a_day_of_treatment_there_is_no_place_to_sign(plan: CarePlan, clinic: Clinic) -> None:
    browser, path = strong(plan), f"/courses/{plan.pk}/consent/"
    shown = browser.get(path).context["form"]["shown"].value()
    give_treatment_today(plan, clinic)

    assert "Nothing is signed on such a day" in browser.get(path).content.decode()
    page = browser.post(path, {"agree": "on", "name": "Ada", "shown": shown}, follow=True)

    assert "Please come back tomorrow" in page.content.decode()
    assert not ConsentSignature.objects.exists()


@pytest.mark.parametrize(("path", "queries"), [("questions", 9), ("progress/", 5), ("consent/", 7)])
def test_each_page_knows_its_queries(
    plan: CarePlan, path: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path = questions(plan) if path == "questions" else f"/courses/{plan.pk}/{path}"
    browser = strong(plan)
    with django_assert_num_queries(queries):
        browser.get(path)
