"""A manager asks what more would do; a worker plays it; nothing of the clinic changes."""

from __future__ import annotations

import pytest
from django.utils import timezone

from scheduling import tasks
from scheduling.core.walltime import local_date
from scheduling.models import Appointment, Resource, Scenario
from tests.factories import ZONE, make_clinic
from tests.scheduling.web.booked import book_course
from tests.scheduling.web.desk.day import desk_of

pytestmark = pytest.mark.django_db
SAID = {
    "role": "infusion_chair",
    "count": "1",
    "weekdays": ["1", "2", "3", "4", "5"],
    "opens": "08:00",
    "closes": "17:00",
}


def test_the_answer_comes_from_a_worker_and_changes_nothing() -> None:
    book_course(make_clinic())
    manager = desk_of("manager")
    before = Resource.objects.count(), Appointment.objects.count()

    page = manager.post("/desk/what-if/", SAID, follow=True)
    assert "A worker plays the next eight weeks" in page.content.decode()
    tasks.answer_questions()
    tasks.answer_questions()

    asked = Scenario.objects.get()
    assert asked.status == "done"
    assert asked.result["patients"] == 1
    assert asked.result["first"] == local_date(timezone.now(), ZONE).isoformat()
    shown = manager.get(f"/desk/what-if/{asked.pk}/").content.decode()
    assert "As it could be" in shown
    assert shown.count("<polyline") >= 8
    assert "infusion chair" in shown
    assert (Resource.objects.count(), Appointment.objects.count()) == before
    assert "Asked before" in manager.get("/desk/what-if/").content.decode()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"weekdays": []}, "Choose at least one day."),
        ({"closes": "07:00"}, "The end is not after the start."),
        ({"count": "0"}, "greater than or equal to 1"),
        ({"role": "dragon"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_played_is_said(changed: dict[str, object], says: str) -> None:
    make_clinic()
    page = desk_of("manager").post("/desk/what-if/", SAID | changed)
    assert says in page.content.decode()
    assert not Scenario.objects.exists()


def test_an_empty_clinic_is_played_with_nobody() -> None:
    make_clinic()
    manager = desk_of("manager")
    manager.post("/desk/what-if/", SAID)
    tasks.answer_questions()

    asked = Scenario.objects.get()
    assert asked.result["patients"] == 0
    assert asked.result["then"]["placed"] == 0
    assert manager.get(f"/desk/what-if/{asked.pk}/").status_code == 200
