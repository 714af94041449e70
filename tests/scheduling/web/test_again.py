"""A patient books again what was lost, and takes back what was cancelled on a dosing day."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scheduling.models import Appointment, CarePlan, Closure, PatientTime, Reservation
from tests.factories import Clinic, at, make_appointment, make_clinic, make_patient, make_user
from tests.scheduling.web.booked import book_course, cancel, give_treatment_today, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def plan(clinic: Clinic) -> CarePlan:
    return book_course(clinic)


@pytest.fixture
def ada(plan: CarePlan) -> Client:
    return signed_in(plan)


def test_the_course_offers_to_book_a_cancelled_session_again(ada: Client, plan: CarePlan) -> None:
    lost = cancel(ada, plan, "review.1")

    said = ada.get(f"/courses/{plan.pk}/").content.decode()

    assert f'href="/sessions/{lost.pk}/again/"' in said
    assert "Take the cancellation back" not in said, "today is no dosing day"


def test_the_nearest_time_is_shown_and_booked_only_when_the_patient_agrees(
    ada: Client, plan: CarePlan
) -> None:
    lost = cancel(ada, plan, "review.1")
    path = f"/sessions/{lost.pk}/again/"

    page = ada.get(path)
    sent = {"start": page.context["nearest"].isoformat(), "version": page.context["version"]}
    shown = ada.post(path, sent)
    before = plan.appointments.filter(step="review.1", status="booked").count()
    said = ada.post(path, sent | {"agree": "1"}, follow=True).content.decode()

    assert page.context["nearest"] == lost.start, "it is still free"
    assert (shown.context["chosen"], before) == (lost.start, 0)
    assert "Booked again. Your course below is up to date." in said
    assert plan.appointments.get(step="review.1", status="booked").start == lost.start
    assert f'href="{path}"' not in said


def test_a_time_of_another_day_is_chosen_in_the_month(ada: Client, plan: CarePlan) -> None:
    lost = cancel(ada, plan, "review.1")
    path = f"/sessions/{lost.pk}/again/"
    page = ada.get(path)
    weeks = page.context["month"]["weeks"]
    day = [day["date"] for week in weeks for day in week if day["free"]][-1]

    start = ada.get(path, {"day": day.isoformat()}).context["month"]["starts"][-1]
    sent = {"start": start.isoformat(), "version": page.context["version"], "agree": "1"}
    ada.post(path, sent)

    assert plan.appointments.get(step="review.1", status="booked").start == start


def test_a_time_that_somebody_took_ends_in_words_and_another(
    ada: Client, clinic: Clinic, plan: CarePlan
) -> None:
    lost = cancel(ada, plan, "integ.4")
    path = f"/sessions/{lost.pk}/again/"
    sent = {"start": lost.start.isoformat(), "version": ada.get(path).context["version"]}
    take(clinic, lost)

    page = ada.post(path, sent | {"agree": "1"})

    assert "This time is not free any more" in page.content.decode()
    assert page.context["nearest"] not in (None, lost.start)
    assert not plan.appointments.filter(step="integ.4", status="booked").exists()


def take(clinic: Clinic, lost: Appointment) -> None:
    """Somebody else gets both therapy rooms at that time."""
    make_appointment(make_patient("Grace"), lost.service, clinic.site, lost.start, clinic.rooms)


def test_where_no_room_is_left_the_next_session_is_moved_first(
    ada: Client, clinic: Clinic, plan: CarePlan
) -> None:
    lost = cancel(ada, plan, "inf.3")
    fourth = plan.appointments.get(step="inf.4")
    day = lost.start.date()
    for chair in clinic.chairs:  # nothing is free between the second and the fourth
        closed = (at(f"{day} 00:00"), fourth.start)
        Closure.objects.create(resource=chair, during=closed, reason="repair")

    page = ada.get(f"/sessions/{lost.pk}/again/")

    assert page.context["nearest"] is None
    assert f'href="/sessions/{fourth.pk}/move/"' in page.content.decode()
    assert "You can make room" in page.content.decode()


def test_what_was_missed_is_booked_again_and_what_was_not_given_is_talked_about(
    ada: Client, plan: CarePlan
) -> None:
    for step, status in (("review.1", "noshow"), ("integ.4", "not_treated")):
        plan.appointments.filter(step=step).update(status=status)
        for held in (Reservation, PatientTime):
            held.objects.filter(appointment__step=step).delete()
    missed = plan.appointments.get(step="review.1")
    not_given = plan.appointments.get(step="integ.4")

    said = ada.get(f"/courses/{plan.pk}/").content.decode()

    assert f'href="/sessions/{missed.pk}/again/"' in said
    assert f'href="/sessions/{not_given.pk}/again/"' not in said
    assert "We talk with you about a new time" in said
    assert ada.get(f"/sessions/{missed.pk}/again/").context["nearest"]
    page = ada.get(f"/sessions/{not_given.pk}/again/").content.decode()
    assert "the clinic wants to talk with you first" in page


def test_what_stands_is_not_booked_twice(ada: Client, plan: CarePlan) -> None:
    one = plan.appointments.get(step="review.1")
    path = f"/sessions/{one.pk}/again/"

    page = ada.get(path)
    sent = {"start": one.start.isoformat(), "version": plan.version, "agree": "1"}
    ada.post(path, sent)

    assert "It is booked already" in page.content.decode()
    assert plan.appointments.filter(step="review.1").count() == 1


def test_a_paused_course_waits_for_the_clinic(ada: Client, plan: CarePlan) -> None:
    lost = cancel(ada, plan, "review.1")
    CarePlan.objects.update(status="on_hold")

    assert "Your course is paused" in ada.get(f"/sessions/{lost.pk}/again/").content.decode()


# --- Undo --------------------------------------------------------------------------------------


def test_on_a_dosing_day_a_cancellation_is_taken_back(
    ada: Client, clinic: Clinic, plan: CarePlan
) -> None:
    give_treatment_today(plan, clinic)
    lost = cancel(ada, plan, "review.1")

    page = ada.get(f"/courses/{plan.pk}/").content.decode()
    said = ada.post(f"/sessions/{lost.pk}/undo/", follow=True).content.decode()

    assert f'action="/sessions/{lost.pk}/undo/"' in page
    assert "Your session is back at its old time" in said
    assert plan.appointments.get(step="review.1", status="booked").start == lost.start
    assert f'action="/sessions/{lost.pk}/undo/"' not in said


def test_a_time_that_is_gone_is_not_replaced_unasked(
    ada: Client, clinic: Clinic, plan: CarePlan
) -> None:
    give_treatment_today(plan, clinic)
    lost = cancel(ada, plan, "integ.4")
    take(clinic, lost)

    answer = ada.post(f"/sessions/{lost.pk}/undo/", follow=True)

    assert answer.redirect_chain == [(f"/sessions/{lost.pk}/again/", 302)]
    assert "Nothing has been booked" in answer.content.decode()
    assert answer.context["nearest"] not in (None, lost.start)
    assert not plan.appointments.filter(step="integ.4", status="booked").exists()


def test_another_patient_takes_nothing_back(ada: Client, clinic: Clinic, plan: CarePlan) -> None:
    give_treatment_today(plan, clinic)
    lost = cancel(ada, plan, "review.1")
    otto = Client()
    otto.force_login(make_patient("Otto", user=make_user("otto@example.org")).user)

    assert otto.post(f"/sessions/{lost.pk}/undo/").status_code == 404
    assert not plan.appointments.filter(step="review.1", status="booked").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("also", [(), ("integ.1", "integ.2")])
def test_the_course_and_the_choice_ask_as_often_for_one_lost_session_as_for_three(
    transactional_db: None, also: tuple[str, ...]
) -> None:
    plan = book_course(make_clinic())
    ada = signed_in(plan)
    lost = cancel(ada, plan, "review.1")
    for step in also:
        cancel(ada, plan, step)
    paths = {f"/courses/{plan.pk}/": 14, f"/sessions/{lost.pk}/again/": 12}
    for path in paths:
        ada.get(path)  # the process learns what is free

    for path, queries in paths.items():
        with CaptureQueriesContext(connection) as asked:
            ada.get(path)
        assert len(asked) == queries, path
