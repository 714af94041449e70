"""A whole course that a patient has booked, beginning some days from now."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from scheduling.core.walltime import local_date
from scheduling.models import CarePlan
from scheduling.operations.actor import Actor
from tests.factories import Clinic, make_patient, make_protocol_version, make_user
from tests.scheduling.operations.booking import book, find_times


def book_course(clinic: Clinic) -> CarePlan:
    """Ada's fourteen sessions, the first of them at least three days ahead."""
    now = timezone.now()
    earliest = local_date(now, clinic.site.timezone) + timedelta(days=3)
    version = make_protocol_version("trd_iv6")
    ada = make_patient(user=make_user("ada@example.org"))
    times = find_times(clinic, version, earliest=earliest, now=now)
    return book(clinic, version, ada, Actor.of(ada.user), times=times, earliest=earliest, now=now)


def signed_in(plan: CarePlan) -> Client:
    """The patient's browser."""
    browser = Client()
    browser.force_login(plan.patient.user)
    return browser
