"""A caller: who they are first, then what may be said; and those who are new."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from accounts.models import Patient
from scheduling.models import Event, StaffTask
from scheduling.web.desk.patient import IDENTIFIED, KNOWN_FOR
from tests.factories import make_patient
from tests.scheduling.operations.care import make_talk
from tests.scheduling.web.desk.day import clinic_with_a_course, desk_of, today_at

pytestmark = pytest.mark.django_db


def page(browser: Client, patient: Patient) -> str:
    return str(browser.get(f"/desk/patients/{patient.pk}/").content.decode())


def identify(browser: Client, patient: Patient, *by: str) -> str:
    answer = browser.post(f"/desk/patients/{patient.pk}/identify/", {"by": by}, follow=True)
    return str(answer.content.decode())


def test_nothing_is_said_before_two_things_fit() -> None:
    clinic, plan = clinic_with_a_course()
    make_talk(plan, clinic, "prep.1", today_at(9, days=3))
    browser = desk_of("front_desk")

    assert "Therapy" not in page(browser, plan.patient)
    assert "Two things are needed" in identify(browser, plan.patient, "phone")
    assert "Two things are needed" in identify(browser, plan.patient, "phone", "shoe_size")
    assert "Therapy" in identify(browser, plan.patient, "phone", "birth_date")
    assert Event.objects.get(verb="identified").facts == {"by": ["birth_date", "phone"]}


def test_it_is_forgotten_after_a_while() -> None:
    _clinic, plan = clinic_with_a_course()
    browser = desk_of("front_desk")
    identify(browser, plan.patient, "phone", "birth_date")
    session = browser.session
    session[IDENTIFIED] = {str(plan.patient.pk): int(time.time()) - KNOWN_FOR}
    session.save()

    assert "Who is calling?" in page(browser, plan.patient)


def test_what_may_be_told_stands_on_top_before_anything_else() -> None:
    _clinic, plan = clinic_with_a_course()
    plan.patient.may_tell = "Times to her sister Annabella"
    plan.patient.save()

    assert "Times to her sister Annabella" in page(desk_of("front_desk"), plan.patient)


SAID = {"given_name": "Ada", "family_name": "Byron", "birth_date": "1980-01-01", "phone": ""}


def test_a_new_patient_is_entered_once_their_likeness_was_looked_at() -> None:
    clinic_with_a_course()
    browser = desk_of("front_desk")

    asked = browser.post("/desk/patients/new/", SAID).content.decode()
    assert "Is it one of these?" in asked
    assert Patient.objects.count() == 1
    made = browser.post("/desk/patients/new/", {**SAID, "somebody_else": "1"}, follow=True)

    assert "Entered." in made.content.decode()
    assert Patient.objects.count() == 2
    assert Event.objects.filter(verb="patient_entered").exists()


def test_what_was_typed_stays_when_something_is_wrong() -> None:
    clinic_with_a_course()

    answer = desk_of("front_desk").post(
        "/desk/patients/new/", {**SAID, "given_name": "", "email": "no address"}
    )

    assert 'value="Byron"' in answer.content.decode()
    assert 'value="no address"' in answer.content.decode()
    assert Patient.objects.count() == 1


def test_a_change_is_kept_with_who_made_it_and_never_with_what_it_was() -> None:
    _clinic, plan = clinic_with_a_course()
    browser = desk_of("front_desk")
    identify(browser, plan.patient, "phone", "birth_date")

    browser.post(f"/desk/patients/{plan.patient_id}/edit/", {**SAID, "phone": "303 555 0999"})

    plan.patient.refresh_from_db()
    assert plan.patient.phone == "303 555 0999"
    assert Event.objects.get(verb="patient_edited").facts == {"fields": ["phone"]}


def test_nobody_is_changed_who_has_not_shown_who_they_are() -> None:
    _clinic, plan = clinic_with_a_course()

    desk_of("front_desk").post(
        f"/desk/patients/{plan.patient_id}/edit/", {**SAID, "phone": "303 555 0999"}
    )

    plan.patient.refresh_from_db()
    assert plan.patient.phone == "303 555 0101"


def test_notes_become_one_call_on_the_earliest_day() -> None:
    _clinic, plan = clinic_with_a_course()
    browser = desk_of("front_desk")
    path = f"/desk/patients/{plan.patient_id}/call-back/"

    browser.post(path, {"note": "Asks about parking", "day": "2030-01-08"})
    browser.post(path, {"note": "And about lunch", "day": "2030-01-07"})
    refused = browser.post(path, {"note": "When?", "day": "someday"}, follow=True)

    task = StaffTask.objects.get()
    assert task.facts["notes"] == ["Asks about parking", "And about lunch"]
    assert task.due_at is not None
    assert f"{task.due_at:%Y-%m-%d}" == "2030-01-07"
    assert "Choose a day from the calendar." in refused.content.decode()


def test_a_visitor_without_a_name_is_nobody_at_the_desk() -> None:
    clinic_with_a_course()
    visitor = make_patient("", "", visitor_key="a" * 64)

    assert desk_of("front_desk").get(f"/desk/patients/{visitor.pk}/").status_code == 404
