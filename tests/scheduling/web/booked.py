"""A whole course that a patient has booked, beginning some days from now, and what befalls it."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.internal.flows.login import record_authentication
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import User
from scheduling.core.walltime import day_start, local_date
from scheduling.models import Appointment, CarePlan, Service
from scheduling.operations.actor import Actor
from tests.factories import Clinic, make_appointment, make_patient, make_protocol_version, make_user
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


def prove(browser: Client, user: User) -> Client:
    """The same browser, in which the person has shown a password and not only a mailed code."""
    request = RequestFactory().get("/")
    request.session, request.user = browser.session, user
    record_authentication(request, user, "password")
    request.session.save()
    return browser


def cancel(browser: Client, plan: CarePlan, step: str) -> Appointment:
    """The session of that step, cancelled on its page."""
    one = plan.appointments.get(step=step, status="booked")
    sent = {"reason": "patient_request", "version": one.version}
    browser.post(f"/sessions/{one.pk}/cancel/", sent)
    one.refresh_from_db()
    return one


def give_treatment_today(plan: CarePlan, clinic: Clinic) -> None:
    """Makes today a dosing day: an infusion outside the course was given as the day began."""
    today = local_date(timezone.now(), clinic.site.timezone)
    began = day_start(today, clinic.site.timezone)
    service = Service.objects.get(slug="infusion")
    make_appointment(plan.patient, service, clinic.site, began, [], minutes=1, status="fulfilled")
