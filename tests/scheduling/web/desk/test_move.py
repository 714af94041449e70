"""Moving at the desk: seen first, agreed to, taken back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from scheduling.models import Appointment, Event, Reservation
from tests.factories import make_person
from tests.scheduling.operations.care import make_talk
from tests.scheduling.web.desk.day import clinic_with_a_course, desk_of, today_at

pytestmark = pytest.mark.django_db


def workday(hour: int, minute: int = 0, *, days: int = 7) -> object:
    """A working day some days ahead."""
    ahead = today_at(hour, minute, days=days)
    while ahead.isoweekday() > 5:
        days += 1
        ahead = today_at(hour, minute, days=days)
    return ahead


@pytest.fixture
def talk() -> Appointment:
    clinic, plan = clinic_with_a_course()
    return make_talk(plan, clinic, "prep.1", workday(9))  # type: ignore[arg-type]


def preview(browser: Client, visit: Appointment, **asked: object) -> str:
    return browser.get(f"/desk/visits/{visit.pk}/move/", asked).content.decode()


def agree(browser: Client, page: str, visit: Appointment) -> str:
    """Press the button that the preview shows, with all that it carries."""
    form = re.search(r"<form method=\"post\" action=\"[^\"]*/move/\".*?</form>", page, re.S)
    assert form, page
    said = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form.group()))
    answer = browser.post(f"/desk/visits/{visit.pk}/move/", {**said, "agree": "1"}, follow=True)
    return str(answer.content.decode())


def test_the_effect_is_seen_before_anything_changes(talk: Appointment) -> None:
    browser, later = desk_of("front_desk"), talk.start + timedelta(hours=2)

    page = preview(browser, talk, start=later.isoformat())

    assert "What would change" in page
    talk.refresh_from_db()
    assert talk.start == later - timedelta(hours=2)
    assert "Moved." in agree(browser, page, talk)
    talk.refresh_from_db()
    assert talk.start == later


def test_wall_time_is_the_clinics(talk: Appointment) -> None:
    wall = workday(11).astimezone(__import__("zoneinfo").ZoneInfo("America/Denver"))  # type: ignore[attr-defined]

    page = preview(desk_of("front_desk"), talk, start=f"{wall:%Y-%m-%dT%H:%M}")

    assert "11:00" in page


def test_dropped_on_another_room_only_the_room_changes(talk: Appointment) -> None:
    browser = desk_of("front_desk")
    room = Reservation.objects.get(appointment=talk, role="therapy_room").resource
    other = type(room).objects.exclude(pk=room.pk).get(roles=["therapy_room"])

    page = preview(browser, talk, start=talk.start.isoformat(), column=str(other.pk))
    assert "Only people or places change" in page
    agree(browser, page, talk)

    assert Reservation.objects.get(appointment=talk, role="therapy_room").resource == other


def test_what_was_shown_is_what_is_agreed_to(talk: Appointment) -> None:
    browser = desk_of("front_desk")
    page = preview(browser, talk, start=(talk.start + timedelta(hours=2)).isoformat())
    Appointment.objects.filter(pk=talk.pk).update(late=True)  # somebody else was quicker

    assert "This was changed meanwhile." in agree(browser, page, talk)
    before = talk.start
    talk.refresh_from_db()
    assert talk.start == before


def test_a_taken_room_is_named_as_taken(talk: Appointment) -> None:
    clinic_person = make_person(talk.site, "Nobody Works", "therapist", hours=None)

    page = preview(
        desk_of("front_desk"), talk, start=talk.start.isoformat(), column=str(clinic_person.pk)
    )

    assert "is not there then" in page


def test_ones_own_last_move_is_taken_back_whole(talk: Appointment) -> None:
    browser, before = desk_of("front_desk"), talk.start
    room = Reservation.objects.get(appointment=talk, role="therapy_room").resource_id
    agree(browser, preview(browser, talk, start=(before + timedelta(hours=2)).isoformat()), talk)

    answer = browser.post(f"/desk/visits/{talk.pk}/undo/", follow=True)

    assert "Moved back." in answer.content.decode()
    talk.refresh_from_db()
    assert talk.start == before
    assert Reservation.objects.get(appointment=talk, role="therapy_room").resource_id == room
    assert Event.objects.filter(verb="moved").count() == 2


def test_somebody_elses_move_is_not_taken_back(talk: Appointment) -> None:
    browser, before = desk_of("front_desk"), talk.start
    agree(browser, preview(browser, talk, start=(before + timedelta(hours=2)).isoformat()), talk)

    answer = desk_of("front_desk").post(f"/desk/visits/{talk.pk}/undo/", follow=True)

    assert "This cannot be done now" in answer.content.decode()
    talk.refresh_from_db()
    assert talk.start != before


def test_a_cancellation_asks_why_and_says_when_it_is_late() -> None:
    clinic, plan = clinic_with_a_course()
    talk = make_talk(plan, clinic, "prep.1", today_at(23, 30))
    browser = desk_of("front_desk")

    assert "late cancellation" in browser.get(f"/desk/visits/{talk.pk}/cancel/").content.decode()
    said = {"version": talk.version, "reason": "unwell"}
    browser.post(f"/desk/visits/{talk.pk}/cancel/", said)

    talk.refresh_from_db()
    assert (talk.status, talk.reason, talk.late) == ("cancelled", "unwell", True)


@pytest.mark.parametrize("start", ["", "noon", "2026-13-01T10:00", "0001-01-01T00:00", "9" * 40])
def test_a_start_that_is_none_shows_the_form(talk: Appointment, start: str) -> None:
    assert "Another time, person or place" in preview(desk_of("front_desk"), talk, start=start)
