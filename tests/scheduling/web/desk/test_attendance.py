"""Whether a patient comes stands where the desk looks, as a mark and in words."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduling.models import Appointment
from tests.scheduling.operations.care import make_talk
from tests.scheduling.web.desk.day import clinic_with_a_course, desk_of, today_at

pytestmark = pytest.mark.django_db
SAID = [
    ("accepted", "✓", "said they come"),
    ("tentative", "?", "not sure whether they come"),
    ("declined", "✗", "said they cannot come"),
]


@pytest.fixture
def talk() -> Appointment:
    clinic, plan = clinic_with_a_course()
    return make_talk(plan, clinic, "prep.1", today_at(10))


def say(talk: Appointment, answer: str) -> None:
    Appointment.objects.filter(pk=talk.pk).update(attendance=answer)


@pytest.mark.parametrize(("answer", "mark", "words"), SAID)
def test_board_panel_and_sheets_say_it(
    talk: Appointment, answer: str, mark: str, words: str
) -> None:
    desk = desk_of("front_desk")
    pages = ["/desk/", f"/desk/visits/{talk.pk}/", "/desk/print/?by=patient", "/desk/print/"]
    before = [desk.get(page).content.decode() for page in pages]
    assert not [page for page in before if words in page]

    say(talk, answer)

    after = [desk.get(page).content.decode() for page in pages]
    assert [page for page in after if words in page] == after
    assert f'aria-hidden="true">{mark}<' in after[0]


@pytest.mark.parametrize("answer", ["", "accepted"])
def test_it_costs_no_query(
    talk: Appointment, answer: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    say(talk, answer)
    browser = desk_of("front_desk")

    with django_assert_num_queries(12):
        browser.get("/desk/print/?by=patient")


def test_who_is_here_is_not_asked_any_more(talk: Appointment) -> None:
    say(talk, "declined")
    Appointment.objects.update(status="arrived")

    assert "cannot come" not in desk_of("front_desk").get("/desk/").content.decode()


def test_the_api_says_it_too(talk: Appointment) -> None:
    desk = desk_of("front_desk")
    assert desk.get(f"/api/v1/appointments/{talk.pk}/").json()["attendance"] == ""

    say(talk, "declined")

    assert desk.get(f"/api/v1/appointments/{talk.pk}/").json()["attendance"] == "declined"
