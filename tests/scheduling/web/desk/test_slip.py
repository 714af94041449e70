"""The desk sees what a delay does to the day, and accepts it whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from scheduling.models import Appointment, Event, Reservation
from tests.factories import Clinic, at, make_patient, make_place
from tests.scheduling.operations.care import load_clinic, make_course, make_talk
from tests.scheduling.web.desk.day import desk_of

pytestmark = pytest.mark.django_db
MORNING = at("2026-11-24 09:20")


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


@pytest.fixture
def talks(clinic: Clinic) -> list[Appointment]:
    """Three talks one after the other with Tess; the first is under way."""
    starts = ("09:00", "09:50", "10:40")
    made = []
    for number, wall in enumerate(starts):
        plan = make_course(make_patient(f"Number {number}"), clinic)
        made.append(make_talk(plan, clinic, "prep.1", at(f"2026-11-24 {wall}")))
    Appointment.objects.filter(pk=made[0].pk).update(status="in_progress")
    return made


@time_machine.travel(MORNING, tick=False)
def test_running_over_moves_who_follows(talks: list[Appointment], clinic: Clinic) -> None:
    desk = desk_of("front_desk")
    path = f"/desk/visits/{talks[0].pk}/slip/"
    assert "Runs over by" in desk.get(f"/desk/visits/{talks[0].pk}/").content.decode()

    page = desk.get(path, {"minutes": "20"})
    assert [row["wait"] for row in page.context["slips"]] == [20, 20]
    assert Event.objects.count() == 0, "nothing is written by looking"
    stale = desk.post(path, {"minutes": "20", "seen": "20", "agree": "1"})
    assert "changed meanwhile" in stale.content.decode()
    done = desk.post(
        path, {"minutes": "20", "seen": page.context["seen"], "agree": "1"}, follow=True
    )

    assert "The day is put right." in done.content.decode()
    before = [at("2026-11-24 09:50"), at("2026-11-24 10:40")]
    for one, was in zip(talks[1:], before, strict=True):
        one.refresh_from_db()
        assert one.start == was + timedelta(minutes=20)
    talks[0].refresh_from_db()
    assert talks[0].end == at("2026-11-24 10:10")
    room = Reservation.objects.get(appointment=talks[0], resource=clinic.rooms[0])
    assert room.during.upper == at("2026-11-24 10:10")
    assert Event.objects.filter(verb="moved").count() == 2
    assert Event.objects.get(verb="overran").facts["minutes"] == 20


@time_machine.travel(MORNING, tick=False)
def test_a_late_patient_is_noted_and_the_least_harm_is_shown(
    talks: list[Appointment], clinic: Clinic
) -> None:
    make_place(clinic.site, "Room 9", "therapy_room")
    desk = desk_of("nurse")
    path = f"/desk/visits/{talks[2].pk}/slip/"

    page = desk.get(path, {"minutes": "10"})
    [row] = page.context["slips"]
    assert (row["own"], row["wait"]) == (True, 0)
    desk.post(path, {"minutes": "10", "seen": page.context["seen"], "agree": "1"})

    talks[2].refresh_from_db()
    assert talks[2].start == at("2026-11-24 10:50")
    assert Event.objects.get(verb="running_late").facts == {"minutes": 10}


@pytest.mark.parametrize("minutes", ["", "0", "x", "999", "-5"])
@time_machine.travel(MORNING, tick=False)
def test_nonsense_shows_the_form_again(talks: list[Appointment], minutes: str) -> None:
    desk = desk_of("front_desk")
    page = desk.get(f"/desk/visits/{talks[0].pk}/slip/", {"minutes": minutes})
    assert page.status_code == 200
    assert "slips" not in page.context
