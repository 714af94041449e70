"""One visit outside a course: a time is chosen, held through signing in, and booked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import Patient
from scheduling.models import Appointment, Site
from scheduling.web.patient.keys import key
from tests.factories import (
    NOW,
    at,
    make_appointment,
    make_clinic,
    make_patient,
    make_service,
    make_services,
    make_user,
)

pytestmark = pytest.mark.django_db
EVALUATION, THERAPY = f"/visits/{key('evaluation')}/", f"/visits/{key('therapy')}/"
NINE, TEN = at("2026-11-25 09:00"), at("2026-11-25 10:00")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visitor() -> Client:
    """A visitor of a small clinic with nothing booked."""
    make_clinic()
    make_services()
    return Client()


def hold(visitor: Client, start: object = NINE) -> Appointment:
    visitor.post(EVALUATION, {"start": start.isoformat()})  # type: ignore[attr-defined]
    return Appointment.objects.get(status="held")


def sign_in(visitor: Client, *, record: bool) -> None:
    ada = make_user("ada@example.org")
    if record:
        make_patient(user=ada)
    visitor.force_login(ada)


def test_the_list_names_every_visit_but_no_treatment(visitor: Client) -> None:
    titles = [visit["title"] for visit in visitor.get("/book/").context["visits"]]

    assert titles == [
        "Medical and psychiatric evaluation",
        "Lifestyle group (nutrition, movement, mindfulness)",
        "Review with your prescriber",
        "Supportive counselling",
        "Therapy session",
    ]
    assert visitor.get(f"/visits/{key('infusion')}/").status_code == 404


def test_a_day_shows_its_free_starts(visitor: Client) -> None:
    starts = visitor.get(EVALUATION, {"day": "2026-11-25"}).context["month"]["starts"]

    assert at("2026-11-25 08:00") in starts


@pytest.mark.parametrize("record", [False, True], ids=["new", "known"])
def test_a_visitor_holds_signs_in_and_books(visitor: Client, record: bool) -> None:
    held = hold(visitor)
    assert (held.start, held.expires_at) == (NINE, NOW + timedelta(minutes=15))

    sign_in(visitor, record=record)
    page = visitor.get(f"/visits/held/{held.pk}/")
    version = page.context["visit"].version
    answer = visitor.post(f"/visits/held/{held.pk}/book/", {"version": version}, follow=True)

    held.refresh_from_db()
    assert (held.status, held.expires_at) == ("booked", None)
    assert held.patient.user is not None
    assert held.patient.user.email == "ada@example.org"
    assert "Your visit is booked" in answer.content.decode()


def test_who_did_not_sign_in_is_asked_to_and_comes_back(visitor: Client) -> None:
    held = hold(visitor)

    answer = visitor.post(f"/visits/held/{held.pk}/book/", {"version": held.version})

    assert answer["Location"] == f"/accounts/login/?next=%2Fvisits%2Fheld%2F{held.pk}%2F"


def test_another_time_gives_the_first_back(visitor: Client) -> None:
    hold(visitor, NINE)
    visitor.post(EVALUATION, {"start": TEN.isoformat()})

    kept = Appointment.objects.order_by("start").values_list("start", "status")
    assert list(kept) == [(NINE, "released"), (TEN, "held")]


def test_a_second_tap_holds_once(visitor: Client) -> None:
    for _ in range(2):
        visitor.post(EVALUATION, {"start": NINE.isoformat()})

    assert Appointment.objects.get().status == "held"


def test_a_time_taken_meanwhile_ends_in_words_and_the_month(visitor: Client) -> None:
    hold(Client())

    answer = visitor.post(EVALUATION, {"start": NINE.isoformat()})

    assert "has just taken this time" in answer.content.decode()
    assert answer.context["month"]["free"]


def test_an_ended_hold_says_so_and_leads_on(visitor: Client, clock: time_machine.Traveller) -> None:
    held = hold(visitor)
    clock.move_to(NOW + timedelta(minutes=16))

    said = visitor.get(f"/visits/held/{held.pk}/").content.decode()

    assert "The hold has ended" in said
    assert EVALUATION in said


def test_more_time_is_given_once(visitor: Client, clock: time_machine.Traveller) -> None:
    held = hold(visitor)
    clock.move_to(NOW + timedelta(minutes=10))
    visitor.post(f"/visits/held/{held.pk}/extend/")
    assert visitor.get(f"/visits/held/{held.pk}/").context["seconds_left"] == 15 * 60

    answer = visitor.post(f"/visits/held/{held.pk}/extend/", follow=True)

    assert "I need more time" not in answer.content.decode()


def test_a_time_is_given_back(visitor: Client) -> None:
    held = hold(visitor)

    for _ in range(2):  # a second tap changes nothing
        answer = visitor.post(f"/visits/held/{held.pk}/release/", follow=True)

    assert "Nothing is booked" in answer.content.decode()
    held.refresh_from_db()
    assert held.status == "released"


def test_a_booked_visit_is_not_given_back_by_an_old_page(visitor: Client) -> None:
    sign_in(visitor, record=True)
    held = hold(visitor)
    visitor.post(f"/visits/held/{held.pk}/book/", {"version": held.version})

    answer = visitor.post(f"/visits/held/{held.pk}/release/", follow=True)

    held.refresh_from_db()
    assert held.status == "booked"
    assert "Nothing is booked" not in answer.content.decode()


def test_what_needs_an_evaluation_says_so_and_offers_it(visitor: Client) -> None:
    said = visitor.get(THERAPY).content.decode()

    assert "once a prescriber has seen you" in said
    assert EVALUATION in said
    visitor.post(THERAPY, {"start": NINE.isoformat()})
    assert not Appointment.objects.exists()


def test_who_was_evaluated_books_a_talk_by_video(visitor: Client) -> None:
    sign_in(visitor, record=True)
    ada, site = Patient.objects.get(), Site.objects.get()
    seen = at("2026-11-20 09:00")
    make_appointment(ada, make_service("evaluation"), site, seen, [], status="fulfilled")

    visitor.post(THERAPY, {"start": NINE.isoformat(), "by": "video"})

    held = Appointment.objects.get(status="held")
    assert (held.service_id, held.mode) == ("therapy", "video")
    assert {row.resource.kind for row in held.reservations.all()} == {"person"}
