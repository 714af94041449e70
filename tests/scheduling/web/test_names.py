"""One numbering on all pages: what a refusal calls a session is what the course calls it."""

from __future__ import annotations

from datetime import date

import pytest

from scheduling.core.refusals import Code, refuse
from scheduling.core.wishes import Wishes
from scheduling.selectors.course_search import search
from scheduling.web import words
from scheduling.web.names import Visit, names_of
from tests.factories import NOW, at, make_clinic, make_patient, make_protocol_version
from tests.scheduling.operations.care import load_clinic, make_course, make_talk


def test_sessions_of_one_service_are_counted_across_their_templates() -> None:
    talks = [
        Visit("integ.2", "therapy", "Talk", 6),
        Visit("prep.1", "therapy", "Talk", 1),
        Visit("integ.1", "therapy", "Talk", 4),
        Visit("integ.1", "therapy", "Talk", 9),  # cancelled at 4, booked again at 9
        Visit("review.1", "review", "Review", 5),
    ]

    assert names_of(talks) == {
        "prep.1": "Talk 1 of 3",
        "integ.1": "Talk 2 of 3",
        "integ.2": "Talk 3 of 3",
        "review.1": "Review",
    }


@pytest.mark.django_db
def test_a_refusal_in_a_course_says_the_number_on_the_page() -> None:
    clinic = load_clinic()
    plan = make_course(make_patient(), clinic)
    make_talk(plan, clinic, "prep.1", at("2026-12-01 09:00"))
    make_talk(plan, clinic, "integ.1", at("2026-12-08 09:00"))

    said = words.sentence(
        refuse(Code.SAME_DAY, step="integ.1", other="dance.1"), "UTC", words.in_course(plan)
    )

    assert said.startswith("Therapy session 2 of 2 and a visit cannot be on one day")


@pytest.mark.django_db
def test_a_refusal_of_a_search_says_the_number_the_course_would_show() -> None:
    clinic = make_clinic()
    result = search(
        site=clinic.site,
        protocol_version=make_protocol_version("trd_iv6"),
        wishes=Wishes(earliest=date(2026, 12, 1)),
        limit=1,
        now=NOW,
    )

    said = words.sentence(
        refuse(Code.ORDER, step="integ.1", other="inf.1"), "UTC", words.in_search(result)
    )

    assert said.startswith("Therapy session 3 of 6 has to come after Ketamine infusion 1 of 6")


def test_a_time_that_does_not_do_names_the_rule_and_not_every_session() -> None:
    refusals = [
        refuse(Code.NO_PLAN, steps=["prep.1", "inf.1", "integ.1"]),
        refuse(Code.TAKEN, step="inf.1", start="2026-12-01T09:00:00Z"),
        refuse(Code.SPACING, step="inf.2", other="inf.1", min=2, days=1),
    ]

    said = words.about_a_time(refusals, "UTC", words.in_none)

    assert said[0].startswith("This time is not free any more")
    assert [one.partition(":")[0] for one in said[1:]] == [
        "Two treatments would be too close together"
    ]
