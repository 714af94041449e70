"""Day sheets: what stands on which page."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.factories import make_patient
from tests.scheduling.operations.care import make_course, make_infusion, make_talk
from tests.scheduling.web.desk.day import clinic_with_a_course, desk_of, today_at

pytestmark = pytest.mark.django_db


def test_a_patients_page_holds_their_whole_day_and_nobody_elses() -> None:
    clinic, plan = clinic_with_a_course()
    make_talk(plan, clinic, "prep.1", today_at(8))
    make_infusion(plan, clinic, "inf.1", today_at(10))
    other = make_course(make_patient("Otto", "Olsen"), clinic)
    make_talk(other, clinic, "prep.1", today_at(13))

    page = desk_of("front_desk").get("/desk/print/?by=patient").content.decode()

    sheets = page.split('<section class="sheet"')[1:]
    assert len(sheets) == 2
    assert ("Ada Byron" in sheets[0], "Otto" in sheets[0]) == (True, False)
    assert "Chair 1, Nurse Quinn" in sheets[0] or "Nurse Quinn, Chair 1" in sheets[0]
    assert "Nothing is booked" not in page


def test_a_resource_without_anything_has_no_page() -> None:
    clinic, plan = clinic_with_a_course()
    make_infusion(plan, clinic, "inf.1", today_at(10))

    page = desk_of("nurse").get("/desk/print/").content.decode()

    assert page.count('<section class="sheet"') == 2
    assert "Chair 2" not in page


@pytest.mark.parametrize("visits", [1, 3])
def test_sheets_take_as_many_queries_for_one_as_for_three(
    visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    clinic, plan = clinic_with_a_course()
    for number in range(visits):
        make_talk(plan, clinic, f"prep.{number}", today_at(9 + number))
    browser = desk_of("front_desk")

    with django_assert_num_queries(12):
        browser.get("/desk/print/?by=patient")
