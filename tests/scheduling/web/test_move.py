"""A patient moves one session: a month, a day, a time, the effect, and only then the change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from scheduling.core.walltime import local_date
from scheduling.models import Appointment, CarePlan, Event
from scheduling.web.patient import month
from tests.factories import (
    ZONE,
    Clinic,
    at,
    make_appointment,
    make_clinic,
    make_patient,
    make_service,
)
from tests.scheduling.web.booked import book_course, signed_in


@pytest.fixture
def clinic(db: None) -> Clinic:
    return make_clinic()


@pytest.fixture
def plan(clinic: Clinic) -> CarePlan:
    return book_course(clinic)


@pytest.fixture
def ada(plan: CarePlan) -> Client:
    return signed_in(plan)


def times(plan: CarePlan) -> dict[str, datetime]:
    return dict(plan.appointments.filter(status="booked").values_list("step", "start"))


def free_days(page: Any) -> list[date]:
    weeks = page.context["month"]["weeks"]
    return [day["date"] for week in weeks for day in week if day["inside"] and day["free"]]


def choice(browser: Client, one: Appointment) -> tuple[str, datetime]:
    """The page's path, and a start on the last free day of the month with the session."""
    path = f"/sessions/{one.pk}/move/"
    day = free_days(browser.get(path))[-1]
    return path, browser.get(path, {"day": day.isoformat()}).context["month"]["starts"][0]


# --- The way through the pages -----------------------------------------------------------------


def test_days_with_free_starts_can_be_chosen_and_then_their_times(
    ada: Client, plan: CarePlan
) -> None:
    one = plan.appointments.get(step="review.1")
    page = ada.get(f"/sessions/{one.pk}/move/")
    day = free_days(page)[0]

    chosen = ada.get(f"/sessions/{one.pk}/move/", {"day": day.isoformat()})

    assert "Choose a day" in page.content.decode()
    assert f'name="day" value="{day}"' in page.content.decode()
    starts = chosen.context["month"]["starts"]
    assert {local_date(start, ZONE) for start in starts} == {day}
    assert one.start not in starts
    assert f'name="day" value="{day}" aria-pressed="true"' in chosen.content.decode()


def test_nothing_moves_before_the_patient_agrees_and_then_all_that_was_shown(
    ada: Client, plan: CarePlan
) -> None:
    one, before = plan.appointments.get(step="inf.3"), times(plan)
    path, start = choice(ada, one)

    shown = ada.post(path, {"start": start.isoformat(), "version": one.version})
    untouched = times(plan)
    agreed = {"start": start.isoformat(), "version": one.version, "agree": "1"}
    said = ada.post(path, agreed | {"seen": shown.context["seen"]}, follow=True).content.decode()

    assert untouched == before
    assert "Moved. What you see below is up to date." in said
    after = times(plan)
    changed = {step for step in after if after[step] != before[step]}
    assert "inf.3" in changed
    assert after["inf.3"] == start
    assert len(changed) == len(shown.context["preview"])


@pytest.mark.parametrize("seen", ["", "inf.3@0", "{id}@1", "{id}@99999999999999999999", "{id}"])
def test_what_was_not_shown_is_not_agreed_to(ada: Client, plan: CarePlan, seen: str) -> None:
    one, before = plan.appointments.get(step="inf.3"), times(plan)
    path, start = choice(ada, one)

    sent = {"start": start.isoformat(), "version": one.version, "agree": "1"}
    page = ada.post(path, sent | {"seen": seen.format(id=one.pk)})

    assert times(plan) == before
    assert "This was changed meanwhile" in page.content.decode()
    assert page.context["preview"], "the new effect is shown, to be agreed to"


def test_a_time_that_was_taken_meanwhile_ends_in_words_and_the_month(
    ada: Client, clinic: Clinic, plan: CarePlan
) -> None:
    one, before = plan.appointments.get(step="integ.4"), times(plan)
    path, start = choice(ada, one)
    make_appointment(
        make_patient("Grace"), make_service("therapy"), clinic.site, start, clinic.rooms
    )

    page = ada.post(path, {"start": start.isoformat(), "version": one.version})

    assert times(plan) == before
    assert page.context["refusals"] == [
        "This time is not free any more, or the rest of your course does not fit with it."
    ]
    assert 'role="alert"' in page.content.decode()
    assert page.context["month"]["first"] == local_date(start, ZONE).replace(day=1)


def test_a_page_from_before_a_change_changes_nothing(ada: Client, plan: CarePlan) -> None:
    one = plan.appointments.get(step="review.1")
    path, start = choice(ada, one)
    plan.appointments.filter(pk=one.pk).update(mode="video")  # another tab raised the version

    page = ada.post(path, {"start": start.isoformat(), "version": one.version})

    assert "This was changed meanwhile" in page.content.decode()
    assert plan.appointments.get(step="review.1").start == one.start


@pytest.mark.parametrize("start", ["", "tomorrow", "2026-12-01T09:00", "2026-99-01T09:00:00Z"])
def test_a_start_that_is_none_asks_again(ada: Client, plan: CarePlan, start: str) -> None:
    one = plan.appointments.get(step="review.1")

    page = ada.post(f"/sessions/{one.pk}/move/", {"start": start, "version": one.version})

    assert page.status_code == 200
    assert "month" in page.context
    assert not Event.objects.filter(verb="moved").exists()


def test_a_session_that_is_over_is_not_moved(ada: Client, plan: CarePlan) -> None:
    one = plan.appointments.get(step="review.1")
    plan.appointments.filter(pk=one.pk).update(status="fulfilled")

    page = ada.get(f"/sessions/{one.pk}/move/")

    assert "can no longer be moved here" in page.content.decode()
    assert "month" not in page.context


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["inf.1", "review.1"])
def test_a_month_takes_as_many_queries_for_any_session(transactional_db: None, step: str) -> None:
    plan = book_course(make_clinic())
    ada, one = signed_in(plan), plan.appointments.get(step=step)
    ada.get(f"/sessions/{one.pk}/move/")  # the process learns what is free

    with CaptureQueriesContext(connection) as asked:
        ada.get(f"/sessions/{one.pk}/move/")

    assert len(asked) == 11


# --- The month itself --------------------------------------------------------------------------

TODAY = date(2026, 11, 24)
NOON = at("2026-11-24 12:00")


def shown(**asked: str) -> month.Month:
    request = RequestFactory().get("/", asked)
    return month.asked_for(request, around=at("2026-12-10 09:00"), now=NOON, zone=ZONE)


@pytest.mark.parametrize(
    ("asked", "first", "day"),
    [
        ({}, date(2026, 12, 1), None),
        ({"month": "2027-02"}, date(2027, 2, 1), None),
        ({"day": "2026-11-30"}, date(2026, 11, 1), date(2026, 11, 30)),
        ({"month": "2026-10"}, date(2026, 12, 1), None),  # over
        ({"day": "2031-01-01"}, date(2026, 12, 1), None),  # nobody plans so far
        ({"day": "soon", "month": "2026-13"}, date(2026, 12, 1), None),
        ({"month": "9999-99-99"}, date(2026, 12, 1), None),
    ],
)
def test_the_month_that_is_asked_for(asked: dict[str, str], first: date, day: date | None) -> None:
    assert (shown(**asked).first, shown(**asked).day) == (first, day)


def test_a_session_that_is_over_is_looked_for_from_today_on() -> None:
    request = RequestFactory().get("/")

    found = month.asked_for(request, around=at("2026-09-10 09:00"), now=NOON, zone=ZONE)

    assert found.first == date(2026, 11, 1)


def test_the_pages_turn_from_this_month_to_the_last_that_is_planned() -> None:
    this = shown(month="2026-11").context([])
    last = shown(month="2027-08").context([])

    assert (this["before"], this["after"]) == (None, date(2026, 12, 1))
    assert (last["before"], last["after"]) == (date(2027, 7, 1), None)


def test_the_week_begins_where_the_readers_does() -> None:
    with translation.override("en-us"):
        assert shown().context([])["weekdays"][0].isoweekday() == 7
    with translation.override("es"):
        assert shown().context([])["weekdays"][0].isoweekday() == 1


def test_each_day_counts_its_own_free_starts_in_clinic_time() -> None:
    late = at("2026-12-03 18:30")  # the fourth already in UTC

    context = shown(day="2026-12-03").context([late, at("2026-12-04 09:00")], present=late)

    days = {day["date"]: day for week in context["weeks"] for day in week if day["free"]}
    assert [(day, days[day]["free"]) for day in days] == [
        (date(2026, 12, 3), 1),
        (date(2026, 12, 4), 1),
    ]
    assert (days[date(2026, 12, 3)]["present"], context["starts"]) == (True, [late])


def test_of_many_starts_the_round_ones_are_shown_and_the_rest_is_a_tap_away() -> None:
    every_five = [at("2026-12-03 08:00") + timedelta(minutes=5 * n) for n in range(100)]

    some = shown(day="2026-12-03").context(every_five)
    all_of_them = shown(day="2026-12-03", every="1").context(every_five)

    assert some["starts"] == every_five[::6], "from eight to a quarter past four: each half hour"
    assert some["more"] == 83
    assert (all_of_them["starts"], all_of_them["more"]) == (every_five, 0)


def test_odd_starts_are_shown_where_there_are_no_others() -> None:
    odd = [at("2026-12-03 08:05"), at("2026-12-03 08:40")]

    assert month.a_few(odd, ZONE) == odd
    assert month.a_few([], ZONE) == []
    many_odd = [at("2026-12-03 08:05") + timedelta(minutes=10 * n) for n in range(60)]
    some = month.a_few(many_odd, ZONE)
    assert (len(some), some[0], some[-1]) == (month.AT_MOST, many_odd[0], many_odd[-1])


def test_no_start_is_offered_sooner_than_the_lead_time(ada: Client, plan: CarePlan) -> None:
    soon = timezone.now() + timedelta(hours=2)

    for one in plan.appointments.all():
        page = ada.get(f"/sessions/{one.pk}/move/", {"day": local_date(soon, ZONE).isoformat()})
        assert all(start >= soon for start in page.context["month"]["starts"])
    assert datetime.now(UTC) < soon
