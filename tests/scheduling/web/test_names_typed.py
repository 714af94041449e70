"""Names as people have them: emoji, right to left, three hundred letters; and what is no name."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Patient
from scheduling.models import Gate, StaffTask
from tests.factories import at, make_patient, make_site, make_user
from tests.scheduling.operations.care import load_clinic, make_course, make_infusion

pytestmark = pytest.mark.django_db
EMOJI, ARABIC, LONG = "Ada 🌿 Byron", "عائشة بنت أحمد", "Å" * 300
NAMES = [EMOJI, ARABIC, LONG]
PHONE = "303 555 0100"


@pytest.mark.parametrize("name", NAMES)
def test_asking_for_a_call_keeps_the_name_as_it_is(name: str) -> None:
    make_site()

    answer = Client().post("/book/call/", {"name": name, "phone": PHONE})

    assert "We will call you" in answer.content.decode()
    assert StaffTask.objects.get().facts["name"] == name


@pytest.mark.parametrize("name", ["Å" * 301, "Ada\x00Byron", "   "])
def test_what_is_no_name_is_said_beside_the_field_and_what_was_typed_stays(name: str) -> None:
    make_site()

    answer = Client().post("/book/call/", {"name": name, "phone": PHONE})

    assert answer.context["form"].errors["name"]
    assert PHONE in answer.content.decode()
    assert not StaffTask.objects.exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_ride_keeps_the_name_as_it_is(name: str) -> None:
    clinic = load_clinic()
    plan = make_course(make_patient(user=make_user("ada@example.org")), clinic)
    infusion = make_infusion(plan, clinic, "inf.1", at("2030-12-02 09:00"))
    Gate.objects.create(appointment=infusion, code="ride")
    browser = Client()
    browser.force_login(plan.patient.user)

    sent = {"name": name, "phone": PHONE, "version": infusion.version}
    browser.post(f"/sessions/{infusion.pk}/ride/", sent)

    assert Gate.objects.get().note == f"{name}, {PHONE}"


@pytest.mark.parametrize("name", NAMES)
def test_the_desk_finds_and_helps_a_patient_of_that_name(name: str) -> None:
    ada = make_patient("", name, user=make_user("ada@example.org"))
    browser = Client()
    browser.force_login(make_user("desk@example.org", "front_desk"))

    found = browser.post("/desk/people/invite/", {"q": name[:200]}).content.decode()
    caller = {"email": "ada@example.org", "family_name": name, "birth_date": "1980-01-01"}
    told = browser.post("/desk/people/recover/", caller).content.decode()

    assert name in found
    assert f"/desk/people/invite/{ada.pk}/" in found
    assert 'class="code"' in told


def test_a_birth_date_in_the_future_is_no_patient() -> None:
    browser = Client()
    browser.force_login(make_user("desk@example.org", "front_desk"))
    born = {"given_name": "Ada", "family_name": "Byron", "birth_date": "2999-01-01"}

    answer = browser.post("/api/v1/patients/", born, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["errors"]["birth_date"] == ["This day has not come yet."]
    assert not Patient.objects.exists()


def test_a_birth_date_in_the_future_finds_nobody() -> None:
    browser = Client()
    browser.force_login(make_user("desk@example.org", "front_desk"))
    caller = {"email": "a@example.org", "family_name": "Byron", "birth_date": "2999-01-01"}

    page = browser.post("/desk/people/recover/", caller).content.decode()

    assert "That does not fit any account." in page
