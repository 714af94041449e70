"""A plan is held, prolonged, taken again, and reserved after signing in."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import Patient
from scheduling.models import Appointment, CarePlan
from scheduling.web.patient.visitor import own_record
from tests.factories import NOW, make_patient, make_user
from tests.scheduling.web.looking import clock, held, offered, search, visitor

__all__ = ["clock", "visitor"]

pytestmark = pytest.mark.django_db


def test_the_time_left_is_the_servers(visitor: Client, clock: time_machine.Traveller) -> None:
    plan = held(visitor)
    clock.move_to(NOW + timedelta(minutes=4, seconds=30))

    assert visitor.get(f"/courses/{plan.pk}/").context["seconds_left"] == 10 * 60 + 30


def test_a_second_tap_holds_one_plan(visitor: Client) -> None:
    address = search(visitor)
    token = offered(visitor, address)[0]["id"]
    for _ in range(2):
        answer = visitor.post("/book/hold/", {"proposal": token})

    assert CarePlan.objects.filter(status="held").count() == 1
    assert visitor.get(answer["Location"]).context["over"] is False


def test_times_one_holds_oneself_are_offered_again(visitor: Client) -> None:
    address = search(visitor)
    first = offered(visitor, address)[0]
    visitor.post("/book/hold/", {"proposal": first["id"]})

    again = offered(visitor, address)[0]

    assert [one["start"] for one in again["sessions"]] == [
        one["start"] for one in first["sessions"]
    ]


def test_the_older_hold_says_that_it_was_given_back(visitor: Client) -> None:
    first = held(visitor)
    token = offered(visitor, search(visitor))[1]["id"]
    visitor.post("/book/hold/", {"proposal": token})

    said = visitor.get(f"/courses/{first.pk}/").content.decode()

    assert "These times were given back" in said
    assert "Hold the same times again" in said


def test_more_time_is_given_once(visitor: Client, clock: time_machine.Traveller) -> None:
    plan = held(visitor)
    clock.move_to(NOW + timedelta(minutes=10))
    visitor.post(f"/courses/{plan.pk}/extend/")
    assert visitor.get(f"/courses/{plan.pk}/").context["seconds_left"] == 15 * 60

    answer = visitor.post(f"/courses/{plan.pk}/extend/", follow=True)

    assert "I need more time" not in answer.content.decode()


def test_an_ended_hold_is_taken_again(visitor: Client, clock: time_machine.Traveller) -> None:
    plan = held(visitor)
    starts = set(plan.appointments.values_list("step", "start"))
    clock.move_to(NOW + timedelta(minutes=16))
    assert "The hold has ended" in visitor.get(f"/courses/{plan.pk}/").content.decode()

    answer = visitor.post(f"/courses/{plan.pk}/retake/", follow=True)

    assert "They are held again" in answer.content.decode()
    again = CarePlan.objects.get(status="held", expires_at__gt=NOW + timedelta(minutes=16))
    assert set(again.appointments.values_list("step", "start")) == starts


def test_times_taken_since_are_named_and_lead_on(
    visitor: Client, clock: time_machine.Traveller
) -> None:
    plan = held(visitor)
    first = plan.appointments.order_by("start").first()
    clock.move_to(NOW + timedelta(minutes=16))
    other = Client()
    address = search(other)
    token = offered(other, address)[0]["id"]
    other.post("/book/hold/", {"proposal": token})
    assert Appointment.objects.filter(start=first.start, status="held").exists()

    answer = visitor.post(f"/courses/{plan.pk}/retake/", follow=True)

    assert "has just taken this time" in answer.content.decode()
    assert "Choose again" in answer.content.decode()


def test_a_plan_taken_while_choosing_ends_in_words_and_new_plans(visitor: Client) -> None:
    address = search(visitor)
    name = address.split("/")[-2]
    token = offered(visitor, address)[0]["id"]
    held(Client())

    answer = visitor.post("/book/hold/", {"proposal": token, "search": name}, follow=True)

    assert "has just taken this time" in answer.content.decode()
    assert answer.context["proposals"]


def signed_in(visitor: Client) -> None:
    """The visitor of that browser signs in as Ada, who has a record here."""
    ada = make_user("ada@example.org")
    make_patient(user=ada)
    visitor.force_login(ada)


def test_a_course_is_reserved_with_a_yes_to_mails(visitor: Client) -> None:
    plan = held(visitor)
    signed_in(visitor)
    plan.refresh_from_db()

    version = visitor.get(f"/courses/{plan.pk}/").context["plan"].version
    answer = visitor.post(
        f"/courses/{plan.pk}/confirm/", {"version": version, "email_ok": "1"}, follow=True
    )

    plan.refresh_from_db()
    assert plan.status == "active"
    assert "Your course is reserved" in answer.content.decode()
    assert "until a prescriber has seen you" in answer.content.decode()
    consent = plan.patient.contact_consents.get()
    assert (consent.purpose, consent.address) == ("email_appointments", "ada@example.org")


def test_saying_nothing_about_mails_is_a_no_and_books_all_the_same(visitor: Client) -> None:
    plan = held(visitor)
    signed_in(visitor)
    version = visitor.get(f"/courses/{plan.pk}/").context["plan"].version

    visitor.post(f"/courses/{plan.pk}/confirm/", {"version": version})
    visitor.post(f"/courses/{plan.pk}/confirm/", {"version": version})  # a second tap

    plan.refresh_from_db()
    assert plan.status == "active"
    assert not plan.patient.contact_consents.exists()


def test_an_ended_hold_is_not_reserved(visitor: Client, clock: time_machine.Traveller) -> None:
    plan = held(visitor)
    signed_in(visitor)
    version = visitor.get(f"/courses/{plan.pk}/").context["plan"].version
    clock.move_to(NOW + timedelta(minutes=16))

    answer = visitor.post(f"/courses/{plan.pk}/confirm/", {"version": version}, follow=True)

    assert "the hold has ended" in answer.content.decode()
    assert "Hold the same times again" in answer.content.decode()


def test_a_hold_that_ended_while_signing_in_can_be_taken_again(
    visitor: Client, clock: time_machine.Traveller
) -> None:
    plan = held(visitor)
    clock.move_to(NOW + timedelta(minutes=16))
    signed_in(visitor)
    assert "The hold has ended" in visitor.get(f"/courses/{plan.pk}/").content.decode()

    answer = visitor.post(f"/courses/{plan.pk}/retake/", follow=True)

    assert "They are held again" in answer.content.decode()
    assert answer.context["visitor"] is False


def test_somebody_who_signed_up_first_holds_as_themselves(visitor: Client) -> None:
    newcomer = make_user("new@example.org")
    visitor.force_login(newcomer)

    plan = held(visitor)

    assert (plan.patient.user, plan.patient.email) == (newcomer, "new@example.org")


def test_who_works_here_gets_no_record_by_looking_around() -> None:
    assert own_record(make_user("desk@example.org", "front_desk")) is None
    assert own_record(make_user("new@example.org")) == Patient.objects.get()
