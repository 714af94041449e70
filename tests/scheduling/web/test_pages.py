"""Pages: who may open them, what refuses a GET, what a refusal says, what a cache may keep."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.core.refusals import Code, refuse
from scheduling.web.patient.keys import key
from scheduling.web.words import sentence
from tests.factories import (
    make_care_plan,
    make_clinic,
    make_patient,
    make_protocol_version,
    make_user,
)

pytestmark = pytest.mark.django_db
NAMES = {"inf.3": "Infusion 3 of 6", "eval.1": "First talk"}


def test_another_patient_finds_nothing() -> None:
    clinic = make_clinic()
    plan = make_care_plan(make_patient(user=make_user("ada@example.org")), clinic.site)
    stranger = make_user("otto@example.org")
    make_patient("Otto", "Olsen", user=stranger)
    browser = Client()
    browser.force_login(stranger)

    assert browser.get(f"/courses/{plan.pk}/").status_code == 404
    for verb in ("confirm", "extend", "release"):
        assert browser.post(f"/courses/{plan.pk}/{verb}/", {"version": 1}).status_code == 404


def test_nobody_signed_in_finds_nothing() -> None:
    plan = make_care_plan(make_patient(), make_clinic().site)

    answer = Client().get(f"/courses/{plan.pk}/")

    assert answer.status_code == 404
    assert "We could not find this page" in answer.content.decode()


def test_verbs_refuse_get() -> None:
    plan = make_care_plan(make_patient(), make_clinic().site)
    paths = ["/book/hold/"]
    paths += [f"/courses/{plan.pk}/{verb}/" for verb in ("confirm", "extend", "release")]

    assert [Client().get(path).status_code for path in paths] == [405, 405, 405, 405]


def test_a_forged_proposal_ends_in_words() -> None:
    make_clinic()

    answer = Client().post("/book/hold/", {"proposal": "forged"}, follow=True)

    assert "This suggestion cannot be read" in answer.content.decode()


def test_no_clinic_no_booking() -> None:
    answer = Client().get("/book/")

    assert answer.status_code == 503
    assert "Online booking is closed" in answer.content.decode()


def test_no_cache_keeps_a_personal_page() -> None:
    make_clinic()

    version = make_protocol_version()

    answer = Client().get(f"/book/{key(version.protocol_id)}/when/")

    assert "no-store" in answer["Cache-Control"]


def test_a_refusal_names_sessions_as_patients_know_them() -> None:
    said = sentence(refuse(Code.ORDER, step="inf.3", other="eval.1"), "UTC", NAMES.__getitem__)

    assert said.startswith("Infusion 3 of 6 has to come after First talk.")


def test_a_step_without_a_name_is_a_visit() -> None:
    said = sentence(refuse(Code.NO_START, step="gone.1"), "UTC", NAMES.__getitem__)

    assert said.startswith("We found no free time for a visit")


def test_what_would_help_is_said_in_words() -> None:
    hint = refuse(Code.WOULD_HELP, change="weekdays", first_start="2026-12-02")

    assert "more days of the week" in sentence(hint, "UTC", NAMES.__getitem__)
