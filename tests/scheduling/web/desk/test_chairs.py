"""The nurse's tablet, and a clinician's own day."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.core.roles import Role
from scheduling.models import Resource
from scheduling.operations.staff_tasks import open_task
from tests.factories import NOW, make_user
from tests.scheduling.operations.care import make_infusion
from tests.scheduling.web.desk.day import (
    clinic_with_a_course,
    desk_of,
    send,
    today_at,
    todays_infusion,
)

pytestmark = pytest.mark.django_db


def test_a_chair_shows_who_is_in_it_and_who_is_next() -> None:
    clinic, plan = clinic_with_a_course()
    infusion = todays_infusion(clinic, plan)
    nurse = desk_of("nurse")

    assert "Next 09:00" in nurse.get("/desk/chairs/").content.decode()
    send(nurse, infusion, "step", to="arrived")
    send(nurse, infusion, "step", to="in_progress")
    page = nurse.get("/desk/chairs/").content.decode()

    assert "treatment 0 min" in page
    assert "Next vitals" in page
    assert "first dose" in page


def test_resting_says_from_when_they_may_go() -> None:
    clinic, plan = clinic_with_a_course()
    infusion = todays_infusion(clinic, plan)
    nurse = desk_of("nurse")
    for step in ("arrived", "in_progress", "recovering"):
        send(nurse, infusion, "step", to=step)

    assert "May go from" in nurse.get("/desk/chairs/").content.decode()


def test_my_day_is_ones_own_with_what_is_open() -> None:
    clinic, plan = clinic_with_a_course()
    todays_infusion(clinic, plan, but=("ride",))
    quinn = make_user("quinn@example.org", "nurse")
    Resource.objects.filter(pk=clinic.nurses[0].pk).update(user=quinn)
    browser = Client()
    browser.force_login(quinn)

    page = browser.get("/desk/my-day/").content.decode()

    assert "Ada Byron" in page
    assert "1 point open" in page
    assert "Your sign-in is not tied" in desk_of("nurse").get("/desk/my-day/").content.decode()


def test_a_prescribers_decisions_stand_on_their_day() -> None:
    clinic, plan = clinic_with_a_course()
    open_task("clearance_wanted", Role.PRESCRIBER, site=clinic.site, care_plan=plan, now=NOW)

    assert "Decide about treatment" in desk_of("prescriber").get("/desk/my-day/").content.decode()
    assert "Decide about treatment" not in desk_of("nurse").get("/desk/my-day/").content.decode()


def test_another_days_session_is_not_today() -> None:
    clinic, plan = clinic_with_a_course()
    make_infusion(plan, clinic, "inf.1", today_at(9, days=1))

    assert "Ada Byron" not in desk_of("nurse").get("/desk/chairs/").content.decode()
