"""The board: what stands on it, and how little it asks of the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from scheduling.operations.run_late import run_late
from tests.factories import make_closure, make_patient, make_user
from tests.scheduling.operations.care import make_course, make_infusion, make_talk
from tests.scheduling.web.desk.day import (
    clinic_with_a_course,
    desk_of,
    send,
    today_at,
    todays_infusion,
)

pytestmark = pytest.mark.django_db


def board(browser: Client, query: str = "", **headers: str) -> str:
    answer = browser.get(f"/desk/{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_treatment_shows_its_phases_its_gates_and_that_it_is_the_first() -> None:
    clinic, plan = clinic_with_a_course()
    todays_infusion(clinic, plan, but=("ride", "consent"))

    page = board(desk_of("front_desk"))

    assert page.count("Ada Byron") == 2  # chair and nurse
    assert "2 open" in page
    assert "first" in page
    assert "band-treat" in page


def test_only_the_first_treatment_of_a_course_is_marked() -> None:
    clinic, plan = clinic_with_a_course()
    make_infusion(plan, clinic, "inf.1", today_at(9, days=-3), status="fulfilled")
    make_infusion(plan, clinic, "inf.2", today_at(9))

    assert 'class="flag">first' not in board(desk_of("nurse"))


def test_a_treatment_that_nobody_cleared_is_reserved_not_booked() -> None:
    clinic, plan = clinic_with_a_course()
    plan.clearance = "pending"
    plan.save()
    make_infusion(plan, clinic, "inf.1", today_at(9))

    page = board(desk_of("front_desk"))

    assert 'class="state">reserved' in page
    assert 'class="state">booked' not in page


def test_closures_and_lateness_and_what_is_off_the_board_are_said() -> None:
    clinic, plan = clinic_with_a_course()
    closure = make_closure(clinic.nurses[1], today_at(13), today_at(15))
    closure.reason = "Training"
    closure.save()
    desk = Actor.of(make_user("", "front_desk"))
    infusion = make_infusion(plan, clinic, "inf.1", today_at(9))
    talk = make_talk(plan, clinic, "prep.1", today_at(14))
    cancel(actor=desk, appointment=talk, reason="unwell", version=None, now=today_at(7))
    run_late(actor=desk, appointment=infusion, minutes=20, now=today_at(8))

    page = board(desk_of("front_desk"))

    assert "Closed: Training" in page
    assert "20 min late" in page
    assert "Off the board" in page


def test_the_next_session_is_warned_when_a_chair_is_still_in_use() -> None:
    clinic, plan = clinic_with_a_course()
    make_infusion(plan, clinic, "inf.1", today_at(9), status="recovering")
    other = make_course(make_patient("Otto", "Olsen"), clinic)
    make_infusion(other, clinic, "inf.1", today_at(11, 25))

    assert "waits: place still in use" in board(desk_of("nurse"))


def test_a_kind_or_one_resource_can_be_chosen() -> None:
    clinic, plan = clinic_with_a_course()
    todays_infusion(clinic, plan)
    browser = desk_of("front_desk")

    assert 'aria-labelledby="column-' + str(clinic.nurses[0].pk) not in board(
        browser, "?kind=place"
    )
    only = board(browser, f"?resource={clinic.nurses[0].pk}")
    assert only.count('<section class="column') == 1


@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31", "2026-02-30", "yesterday", ""])
def test_a_day_that_is_none_is_today(date: str) -> None:
    clinic, plan = clinic_with_a_course()
    todays_infusion(clinic, plan)

    assert "Ada Byron" in board(desk_of("front_desk"), f"?date={date}")


def test_a_week_shows_each_day_of_one_resource() -> None:
    clinic, plan = clinic_with_a_course()
    todays_infusion(clinic, plan)

    page = desk_of("front_desk").get(f"/desk/week/{clinic.chairs[0].pk}/").content.decode()

    assert page.count('<section class="column') == 7
    assert page.count("Ada Byron") == 1


def test_an_unchanged_board_is_304_and_reads_no_booking(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    clinic, plan = clinic_with_a_course()
    todays_infusion(clinic, plan)
    browser = desk_of("front_desk")
    tag = browser.get("/desk/", headers={"HX-Request": "true"})["ETag"]

    with django_assert_num_queries(5):  # who is it, in three; which site; what has changed
        again = browser.get("/desk/", headers={"HX-Request": "true", "If-None-Match": tag})

    assert again.status_code == 304


def test_any_change_gives_another_board() -> None:
    clinic, plan = clinic_with_a_course()
    infusion = todays_infusion(clinic, plan)
    browser = desk_of("front_desk")

    def tag() -> str:
        return str(browser.get("/desk/", headers={"HX-Request": "true"})["ETag"])

    tags = [tag()]
    send(browser, infusion, "step", to="arrived")
    tags.append(tag())
    make_closure(clinic.chairs[1], today_at(9), today_at(10))
    tags.append(tag())
    make_talk(plan, clinic, "prep.1", today_at(14, days=1))
    tags.append(tag())

    assert len(set(tags)) == 4


@pytest.mark.parametrize("visits", [1, 3, 9])
def test_the_board_takes_twelve_queries_whatever_the_rows(
    visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    clinic, _plan = clinic_with_a_course()
    for number in range(visits):
        plan = make_course(make_patient("Patient", str(number)), clinic)
        make_talk(plan, clinic, "prep.1", today_at(8) + timedelta(hours=number))
    browser = desk_of("front_desk")

    with django_assert_num_queries(12):
        browser.get("/desk/")
