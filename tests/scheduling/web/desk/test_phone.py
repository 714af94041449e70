"""Booking on the telephone: held while one talks, for longer with a reason, then confirmed."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Patient
from scheduling.models import Appointment, CarePlan, Event
from scheduling.web.patient import keys
from tests.factories import ZONE, make_patient
from tests.scheduling.operations.care import load_clinic
from tests.scheduling.web.desk.day import desk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Patient:
    load_clinic()
    return make_patient("Ada", "Byron")


def tomorrow() -> str:
    return f"{(timezone.now() + timedelta(days=2)).date()}"


def wishes() -> dict[str, object]:
    return {
        "earliest": tomorrow(),
        "weekdays": ["1", "2", "3", "4", "5"],
        "day_parts": ["morning", "afternoon", "evening"],
        "mode": "in_person",
    }


def plans_for(browser: Client, ada: Patient) -> list[str]:
    """The proposals that the page offers to hold."""
    path = f"/desk/patients/{ada.pk}/book/course/{keys.key('trd_iv6')}/"
    page = browser.post(path, wishes()).content.decode()
    return re.findall(r'name="proposal" value="([^"]+)"', page)


def wall(hours: float) -> str:
    later = timezone.now() + timedelta(hours=hours)
    return f"{later.astimezone(ZoneInfo(ZONE)):%Y-%m-%dT%H:%M}"


def test_a_course_is_held_and_confirmed_for_the_caller(ada: Patient) -> None:
    browser = desk_of("front_desk")
    proposals = plans_for(browser, ada)
    assert 1 <= len(proposals) <= 5

    held = browser.post(
        f"/desk/patients/{ada.pk}/book/hold/", {"proposal": proposals[0]}, follow=True
    )
    assert "Held until" in held.content.decode()
    plan = CarePlan.objects.get()
    settle = f"/desk/courses/{plan.pk}/settle/"
    answer = browser.post(settle, {"do": "confirm", "version": plan.version}, follow=True)

    assert "Reserved." in answer.content.decode()
    plan.refresh_from_db()
    assert (plan.status, plan.patient) == ("active", ada)


def test_a_hold_for_longer_asks_for_a_reason_and_shows_in_the_inbox(ada: Patient) -> None:
    browser = desk_of("front_desk")
    proposal = plans_for(browser, ada)[0]
    path = f"/desk/patients/{ada.pk}/book/hold/"

    no_reason = browser.post(path, {"proposal": proposal, "until": wall(24)}, follow=True)
    assert "Please say why." in no_reason.content.decode()
    too_long = browser.post(
        path, {"proposal": proposal, "until": wall(100), "reason": "Asks her sister"}, follow=True
    )
    assert "We do not know" in too_long.content.decode()
    assert not CarePlan.objects.exists()
    browser.post(path, {"proposal": proposal, "until": wall(24), "reason": "Asks her sister"})

    plan = CarePlan.objects.get()
    assert plan.expires_at is not None
    assert plan.expires_at - timezone.now() > timedelta(hours=23)
    assert Event.objects.filter(verb="held", reason="Asks her sister").exists()
    assert f"/desk/courses/{plan.pk}/" in browser.get("/desk/inbox/").content.decode()


def test_a_held_course_is_given_back(ada: Patient) -> None:
    browser = desk_of("front_desk")
    proposal = plans_for(browser, ada)[0]
    browser.post(f"/desk/patients/{ada.pk}/book/hold/", {"proposal": proposal})
    plan = CarePlan.objects.get()

    browser.post(f"/desk/courses/{plan.pk}/settle/", {"do": "release", "version": plan.version})

    plan.refresh_from_db()
    assert plan.status == "released"


def test_one_visit_with_one_person(ada: Patient) -> None:
    browser = desk_of("front_desk")
    path = f"/desk/patients/{ada.pk}/book/visit/{keys.key('evaluation')}/"
    ahead = timezone.now() + timedelta(days=35)
    page = browser.get(path, {"month": f"{ahead:%Y-%m}"}).content.decode()
    day = re.search(r"day=(\d{4}-\d\d-\d\d)", page)
    assert day
    page = browser.get(path, {"day": day.group(1)}).content.decode()
    start = re.search(r"start=([^\"&]+)", page)
    assert start

    held = browser.post(path, {"start": start.group(1).replace("%3A", ":")}, follow=True)
    assert "Held until" in held.content.decode()
    visit = Appointment.objects.get()
    settle = f"/desk/held/{visit.pk}/settle/"
    browser.post(settle, {"do": "confirm", "version": visit.version})

    visit.refresh_from_db()
    assert (visit.status, visit.patient) == ("booked", ada)


@pytest.mark.parametrize(
    "start", ["2026-13-40T09:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_a_start_that_is_none_asks_again(ada: Patient, start: str) -> None:
    path = f"/desk/patients/{ada.pk}/book/visit/{keys.key('evaluation')}/"

    for answer in (
        desk_of("front_desk").get(path, {"start": start}),
        desk_of("front_desk").post(path, {"start": start}),
    ):
        assert answer.status_code == 200
        assert "Hold this time" not in answer.content.decode()


@pytest.mark.parametrize("proposal", ["", "nonsense", "a:b:c"])
def test_a_proposal_that_is_none_is_refused_in_words(ada: Patient, proposal: str) -> None:
    browser = desk_of("front_desk")
    answer = browser.post(
        f"/desk/patients/{ada.pk}/book/hold/", {"proposal": proposal}, follow=True
    )

    assert "This suggestion cannot be read" in answer.content.decode()


def test_wishes_that_fit_nothing_say_why(ada: Patient) -> None:
    browser = desk_of("front_desk")
    path = f"/desk/patients/{ada.pk}/book/course/{keys.key('trd_iv6')}/"

    answer = browser.post(path, {**wishes(), "weekdays": ["7"]})

    assert 'role="alert"' in answer.content.decode()
    assert not CarePlan.objects.exists()
