"""The command bar: who is found by what, and where a command leads."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import Patient
from scheduling.selectors.patients import alike, matching
from scheduling.web.desk.find import command, day_said
from tests.factories import make_patient
from tests.scheduling.operations.care import make_talk
from tests.scheduling.web.desk.day import clinic_with_a_course, desk_of, today_at

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("said", "page", "rest"),
    [
        ("book ada by", "book", "ada by"),
        ("Move Ada", "move", "Ada"),
        ("check in ada", "visit", "ada"),
        ("bookman", "patient", "bookman"),
        ("book", "book", ""),
    ],
)
def test_a_command_begins_with_its_verb(said: str, page: str, rest: str) -> None:
    assert command(said) == (page, rest)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-12-03", date(2026, 12, 3)),
        ("12/3", date(2026, 12, 3)),
        ("1/5", date(2027, 1, 5)),
        ("1/5/2026", date(2026, 1, 5)),
        ("2/30", None),
        ("2026-02-30", None),
        ("ada", None),
    ],
)
def test_a_day_may_be_said(said: str, day: date | None) -> None:
    assert day_said(said, TODAY) == day


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        "jos",
        "JOSÉ",
        "gar jos",
        "pepe",
        "jose@ex",
        "1980-02",
        "2/29/1980",
        "5550199",
        "303-555",
        "lópez",
    ],
)
def test_a_patient_is_found_by_the_beginning_of_any_word(said: str) -> None:
    jose = make_patient(
        "José",
        "García López",
        preferred_name="Pepe",
        email="jose@example.org",
        phone="+1 (303) 555-0199",
        birth_date=date(1980, 2, 29),
    )
    make_patient("Ada", "Byron")

    assert list(matching(Patient.objects.all(), said)) == [jose]


@pytest.mark.django_db
@pytest.mark.parametrize("said", ["osé", "555", "%", "_", "' OR 1=1", "\0", "josé byron"])
def test_nobody_is_found_by_what_begins_nothing(said: str) -> None:
    make_patient("José", "García", phone="303 555 0199")

    assert not matching(Patient.objects.all(), said).exists()


@pytest.mark.django_db
def test_who_may_be_the_same_person_shares_name_birth_date_or_phone() -> None:
    ada = make_patient("Ada", "Byron", birth_date=date(1980, 1, 1), phone="303 555 0101")
    make_patient("Otto", "Olsen", birth_date=date(1970, 1, 1))

    assert list(alike("ada", "BYRON", None, "")) == [ada]
    assert list(alike("Augusta", "King", date(1980, 1, 1), "")) == [ada]
    assert list(alike("Augusta", "King", None, "(303) 5550101")) == [ada]
    assert not alike("Augusta", "King", None, "")


@pytest.mark.django_db
def test_commands_lead_to_the_next_visit() -> None:
    clinic, plan = clinic_with_a_course()
    talk = make_talk(plan, clinic, "prep.1", today_at(23))
    browser = desk_of("front_desk")

    def found(said: str) -> str:
        return str(browser.post("/desk/find/", {"q": said}).content.decode())

    assert f"/desk/visits/{talk.pk}/move/" in found("move byron")
    assert f'href="/desk/visits/{talk.pk}/"' in found("check in byron")
    assert f"/desk/patients/{plan.patient_id}/book/" in found("book byron")
    assert "/desk/?date=2027-01-05" in found("2027-01-05")
    assert "Nobody fits" in found("zz")
