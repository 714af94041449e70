"""The safety questions on the patient's page."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from scheduling.core.screening import Question
from scheduling.models import CarePlan, Escalation, Screening
from tests.factories import make_patient, make_user
from tests.scheduling.operations.care import load_clinic, make_course
from tests.scheduling.web.booked import prove, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
ALL_NO = {question.value: "no" for question in Question}


@pytest.fixture
def plan() -> CarePlan:
    return make_course(make_patient(user=make_user("ada@example.org")), load_clinic())


def browser_of(plan: CarePlan, *, proof: bool = True) -> Client:
    """The patient's browser; without `proof` only a code by e-mail was shown."""
    browser = signed_in(plan)
    return prove(browser, plan.patient.user) if proof else browser


def address(plan: CarePlan) -> str:
    return f"/courses/{plan.pk}/screening/"


def test_a_code_by_mail_shows_no_answers_and_loses_none(plan: CarePlan) -> None:
    browser = browser_of(plan, proof=False)

    assert browser.get(address(plan))["Location"].startswith("/account/stronger/?next=")
    browser.post(address(plan), {"liver": "yes", "self_harm": "yes"})

    assert Screening.objects.get().answers == {"liver": "yes", "self_harm": "yes"}
    assert Escalation.objects.exists()


def test_what_was_typed_is_there_again(plan: CarePlan) -> None:
    browser_of(plan).post(
        address(plan) + "answer/", {"medicines": "<b>lithium</b>", "heart": "yes"}
    )

    page = browser_of(plan).get(address(plan)).content.decode()

    assert "&lt;b&gt;lithium&lt;/b&gt;" in page
    assert 'id="heart-yes" name="heart" value="yes" checked' in page


@pytest.mark.parametrize("path", ["", "answer/"])
def test_help_stands_on_the_next_page_and_says_when_somebody_reads_it(
    plan: CarePlan, path: str
) -> None:
    answer = browser_of(plan).post(address(plan) + path, {"self_harm": "unsure"}, follow=True)

    page = answer.content.decode()
    for words in ('href="tel:988"', 'href="tel:911"', "AYUDA", "988lifeline.org", "not watched"):
        assert words in page
    assert "Whoever is on call is told right now" in page


def test_an_answer_that_asks_for_nobody_is_only_saved(plan: CarePlan) -> None:
    page = browser_of(plan).post(address(plan) + "answer/", {"self_harm": "no"}).content.decode()

    assert "Saved." in page
    assert "988" not in page


def test_help_stays_while_other_questions_are_answered(plan: CarePlan) -> None:
    browser = browser_of(plan)
    browser.post(address(plan) + "answer/", {"self_harm": "yes"})

    page = browser.post(address(plan) + "answer/", {"liver": "no"}).content.decode()

    assert 'href="tel:988"' in page


def test_all_answered_and_sent(plan: CarePlan) -> None:
    answer = browser_of(plan).post(address(plan), ALL_NO)

    assert answer["Location"] == f"/courses/{plan.pk}/"
    assert Screening.objects.get().submitted_at


def test_some_answers_are_kept_and_the_rest_is_asked_for(plan: CarePlan) -> None:
    answer = browser_of(plan).post(address(plan), {"liver": "no"}, follow=True)

    assert "Some questions are still open" in answer.content.decode()
    assert Screening.objects.get().answers == {"liver": "no"}


def test_the_page_takes_nine_queries(
    plan: CarePlan, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = browser_of(plan)
    with django_assert_num_queries(9):
        browser.get(address(plan))
