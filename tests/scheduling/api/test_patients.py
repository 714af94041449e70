"""Staff find patients and enter new ones; names never stand in a URL."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import Patient
from tests.factories import make_patient
from tests.scheduling.api.caller import Caller

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "said",
    ["zo", "Kowalska", "zofia kow", "maria", "zofia.k@example.org", "5550199", "1975-03-02"],
)
def test_a_patient_is_found_by_what_the_desk_hears(front_desk: Caller, said: str) -> None:
    make_patient(
        "Zofia Maria",
        "Kowalska",
        birth_date=date(1975, 3, 2),
        email="zofia.k@example.org",
        phone="+13035550199",
    )
    make_patient("Otto", "Olsen")

    answer = front_desk.post("patients/search/", {"q": said})

    assert [row["family_name"] for row in answer.json()["results"]] == ["Kowalska"]


def test_visitors_who_only_hold_a_course_are_not_found(front_desk: Caller) -> None:
    Patient.objects.create(given_name="Zofia", visitor_key="f" * 64)

    assert front_desk.post("patients/search/", {"q": "zofia"}).json()["results"] == []


def test_the_desk_enters_a_patient_without_a_login(front_desk: Caller) -> None:
    answer = front_desk.post(
        "patients/",
        {"given_name": "Zoë", "family_name": "Young", "birth_date": "1990-02-28", "phone": ""},
    )

    assert answer.status_code == 201
    patient = Patient.objects.get(pk=answer.json()["id"])
    assert (patient.given_name, patient.birth_date, patient.user) == (
        "Zoë",
        date(1990, 2, 28),
        None,
    )


@pytest.mark.parametrize("people", [1, 3])
def test_a_search_takes_three_queries_however_many_it_finds(
    front_desk: Caller, django_assert_num_queries: object, people: int
) -> None:
    for number in range(people):
        make_patient("Zofia", f"Kowalska {number}")

    with django_assert_num_queries(4):  # session, user, second factor, patients
        answer = front_desk.post("patients/search/", {"q": "zofia"})

    assert len(answer.json()["results"]) == people
