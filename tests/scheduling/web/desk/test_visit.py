"""A visit from the door to the way home, as the desk and the nurse key it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from scheduling.models import Event, Gate, StaffTask
from scheduling.web.desk.discharge import CHECKS
from tests.scheduling.operations.care import close_gates, make_infusion, make_talk
from tests.scheduling.web.desk.day import (
    clinic_with_a_course,
    desk_of,
    send,
    today_at,
    todays_infusion,
)

pytestmark = pytest.mark.django_db
ALL = [code for code, _words in CHECKS]


def test_a_whole_visit() -> None:
    clinic, plan = clinic_with_a_course()
    infusion = todays_infusion(clinic, plan, but=("fasting",))
    desk, nurse, prescriber = desk_of("front_desk"), desk_of("nurse"), desk_of("prescriber")

    send(desk, infusion, "step", to="arrived")
    assert "One thing has to be done first" in send(nurse, infusion, "step", to="in_progress")
    send(nurse, infusion, "gate", gate="fasting", status="closed")
    send(nurse, infusion, "step", to="in_progress")
    send(nurse, infusion, "step", to="recovering")
    early = send(nurse, infusion, "step", to="fulfilled", checklist=ALL, escort="Grace")
    assert "a prescriber" in early
    send(
        prescriber, infusion, "step", to="fulfilled", checklist=ALL, escort="Grace", override="Well"
    )

    assert infusion.status == "fulfilled"
    assert Event.objects.get(verb="fulfilled").facts["checklist"] == ALL
    assert Gate.objects.get(appointment=infusion, code="ride").note == "Grace"
    assert "Grace" not in str(list(Event.objects.values_list("facts", flat=True)))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"checklist": ALL[:-1], "escort": "Grace"}, "Every point has to be ticked"),
        ({"checklist": ALL}, "Name the person who takes them home."),
        ({}, "Name the person who takes them home."),
    ],
)
def test_nobody_goes_home_unlooked_at_or_alone(said: dict[str, object], told: str) -> None:
    clinic, plan = clinic_with_a_course()
    infusion = make_infusion(plan, clinic, "inf.1", today_at(9), status="recovering")

    assert told in send(desk_of("nurse"), infusion, "step", to="fulfilled", **said)
    assert infusion.status == "recovering"


def test_each_offers_the_gates_that_they_may_close() -> None:
    clinic, plan = clinic_with_a_course()
    infusion = todays_infusion(clinic, plan, but=("ride", "consent", "screening"))
    path = f"/desk/visits/{infusion.pk}/"

    desk = desk_of("front_desk").get(path).content.decode()
    prescriber = desk_of("prescriber").get(path).content.decode()

    closes = 'Done<span class="visually-hidden">: {}'
    assert closes.format("Ride home") in desk
    assert closes.format("Consent") not in desk
    assert closes.format("Safety questions of the day") not in desk
    assert closes.format("Consent") in prescriber


def test_a_gate_is_set_aside_with_a_reason_by_who_may() -> None:
    clinic, plan = clinic_with_a_course()
    infusion = todays_infusion(clinic, plan, but=("ride",))
    desk = desk_of("front_desk")

    assert "Please say why." in send(desk, infusion, "gate", gate="ride", status="overridden")
    send(desk, infusion, "gate", gate="ride", status="overridden", override="Lives next door")

    gate = Gate.objects.get(appointment=infusion, code="ride")
    assert (gate.status, gate.reason) == ("overridden", "Lives next door")


def test_the_front_desk_cannot_close_what_belongs_to_a_prescriber() -> None:
    clinic, plan = clinic_with_a_course()
    infusion = todays_infusion(clinic, plan, but=("consent",))
    desk = desk_of("front_desk")

    send(desk, infusion, "gate", gate="consent", status="closed")
    assert Gate.objects.get(code="consent").status == "open"
    send(desk_of("prescriber"), infusion, "gate", gate="consent", status="closed")
    assert Gate.objects.get(code="consent").status == "closed"


def test_a_mistake_is_taken_back_with_a_reason() -> None:
    clinic, plan = clinic_with_a_course()
    infusion = make_infusion(plan, clinic, "inf.1", timezone.now() - timedelta(minutes=20))
    desk = desk_of("front_desk")

    page = send(desk, infusion, "step", to="noshow")
    assert "That was a mistake: back to “booked”" in page
    assert StaffTask.objects.get().kind == "call_after_noshow"
    send(desk, infusion, "step", to="booked", reason="She was in the garden")

    assert infusion.status == "booked"
    assert StaffTask.objects.get().finished_at


def test_two_desks_the_second_is_told_and_nothing_is_overwritten() -> None:
    clinic, plan = clinic_with_a_course()
    infusion = todays_infusion(clinic, plan)
    old = infusion.version
    send(desk_of("front_desk"), infusion, "step", to="arrived")

    page = desk_of("nurse").post(
        f"/desk/visits/{infusion.pk}/step/", {"to": "noshow", "version": old}, follow=True
    )

    assert "This was changed meanwhile." in page.content.decode()
    infusion.refresh_from_db()
    assert infusion.status == "arrived"


@pytest.mark.parametrize("minutes", ["-5", "999", "soon", "", "١٥"])
def test_lateness_is_a_number_of_minutes(minutes: str) -> None:
    clinic, plan = clinic_with_a_course()
    talk = make_talk(plan, clinic, "prep.1", today_at(9, days=1))

    assert "We do not know" in send(desk_of("front_desk"), talk, "late", minutes=minutes)
    assert not Event.objects.exists()


def test_nobody_is_late_who_is_here() -> None:
    clinic, plan = clinic_with_a_course()
    infusion = make_infusion(plan, clinic, "inf.1", today_at(9), status="arrived")
    close_gates(infusion)

    page = send(desk_of("front_desk"), infusion, "late", minutes="10")

    assert "This cannot be done now" in page


@pytest.mark.parametrize("to", ["held", "nonsense", "cancelled", "", "booked"])
def test_a_step_that_is_none_is_refused_in_words(to: str) -> None:
    clinic, plan = clinic_with_a_course()
    infusion = todays_infusion(clinic, plan)

    assert 'class="note note-warn"' in send(desk_of("front_desk"), infusion, "step", to=to)
    assert infusion.status == "booked"


def test_a_lost_session_is_booked_again_by_the_desk_whatever_took_it() -> None:
    clinic, plan = clinic_with_a_course()
    days = next(n for n in range(3, 10) if today_at(9, days=n).isoweekday() == 2)
    make_infusion(plan, clinic, "inf.1", today_at(9, days=days))
    talk = make_talk(plan, clinic, "prep.1", timezone.now() - timedelta(minutes=30))
    desk = desk_of("front_desk")

    assert "Book it again…" in send(desk, talk, "step", to="noshow")
    page = desk.get(f"/sessions/{talk.pk}/again/").content.decode()
    start = re.search(r'name="start" value="([^"]+)"', page)
    assert start, page
    plan.refresh_from_db()
    said = {"start": start.group(1), "version": plan.version, "agree": "1"}
    answer = desk.post(f"/sessions/{talk.pk}/again/", said, follow=True)

    assert "Booked." in answer.content.decode()
    assert plan.appointments.filter(step="prep.1", status="booked").exists()
    assert answer.request["PATH_INFO"] == f"/desk/courses/{plan.pk}/"
