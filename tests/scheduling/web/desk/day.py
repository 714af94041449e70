"""A day at the small clinic, as the desk finds it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.test import Client
from django.utils import timezone

from scheduling.core.walltime import local_date, to_instant
from scheduling.models import Appointment, CarePlan
from tests.factories import ZONE, Clinic, make_patient, make_user
from tests.scheduling.operations.care import (
    close_gates,
    load_clinic,
    make_course,
    make_infusion,
)


def today_at(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """An instant of today's, or of a later day's, wall clock at the clinic."""
    day = local_date(timezone.now(), ZONE) + timedelta(days=days)
    return to_instant(day, time(hour, minute), ZONE)


def desk_of(*roles: str) -> Client:
    """A browser in which somebody of these roles has signed in."""
    browser = Client()
    browser.force_login(make_user("", *roles))
    return browser


def clinic_with_a_course() -> tuple[Clinic, CarePlan]:
    clinic = load_clinic()
    return clinic, make_course(make_patient("Ada", "Byron", phone="303 555 0101"), clinic)


def todays_infusion(clinic: Clinic, plan: CarePlan, *, but: tuple[str, ...] = ()) -> Appointment:
    """An infusion of today, ready but for the gates named."""
    infusion = make_infusion(plan, clinic, "inf.1", today_at(9))
    close_gates(infusion, but=but)
    return infusion


def send(browser: Client, visit: Appointment, page: str, **said: object) -> str:
    """Post to a page of the visit as its newest version shows it; what the next page says."""
    visit.refresh_from_db()
    answer = browser.post(
        f"/desk/visits/{visit.pk}/{page}/", {"version": visit.version, **said}, follow=True
    )
    visit.refresh_from_db()
    assert answer.status_code == 200
    return answer.content.decode()
