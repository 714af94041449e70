"""Drawings say what the data says."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command

from education.figures.course import course_days
from education.figures.draw import evidence_bar, figures_of, timeline, usual_course
from education.figures.words import STEPS, STRENGTH
from education.loading import load_library
from education.markup.document import Evidence, Strength
from scheduling.protocols import loading as protocols
from tests.education.conftest import FOLDER

PROTOCOLS = protocols.load_library().protocols
PAGE = load_library(FOLDER).documents["en", "your-first-day"]


def test_days_are_those_that_the_protocol_aims_at() -> None:
    rows = [(row.service, row.days) for row in course_days(PROTOCOLS["trd_iv6"])]

    assert rows == [
        ("evaluation", (0,)),
        ("therapy", (2, 5)),
        ("infusion", (7, 10, 13, 16, 19, 22)),
        ("therapy", (9, 12, 18, 24)),
        ("review", (14,)),
    ]


@pytest.mark.parametrize("slug", PROTOCOLS)
def test_every_session_of_every_core_is_drawn(slug: str) -> None:
    protocol = PROTOCOLS[slug]
    drawn = [len(row.days) for row in course_days(protocol)]

    assert drawn == [step.count for step in protocol.core]
    html = timeline(protocol, {})
    assert html.count("<circle") == sum(drawn)
    assert "The same in words" in html


@pytest.mark.django_db
def test_a_session_is_drawn_from_its_service() -> None:
    call_command("load_protocols", verbosity=0)
    html = figures_of(PAGE, "en")["session-minutes"]

    assert usual_course() == PROTOCOLS["trd_iv6"]
    assert "Ketamine infusion: 130 minutes from start to end." in html
    assert "at least 60 minutes after the medicine" in html
    assert re.findall(r"minutes (\d+) to (\d+)", html) == [("0", "30"), ("30", "70"), ("70", "130")]
    other = figures_of(PAGE, "en", PROTOCOLS["esketamine_rems"])["session-minutes"]
    assert "Esketamine" in other


@pytest.mark.django_db
def test_without_any_protocol_nothing_is_drawn() -> None:
    assert figures_of(PAGE, "en") == {}


@pytest.mark.parametrize("strength", list(Strength))
def test_a_bar_says_in_words_what_it_shows(strength: Strength) -> None:
    html = evidence_bar(Evidence(strength, 18, "One small trial."))

    assert html.count("fig-full") == STEPS[strength]
    assert html.count("<rect") == 5
    assert str(STRENGTH[strength]) in html
    assert f"{STEPS[strength]} of 5" in html
    assert "18 people took part" in html
    assert "took part" not in evidence_bar(Evidence(strength, None, "None."))


def test_numbers_in_a_drawing_are_the_same_in_every_language() -> None:
    from django.utils import translation

    with translation.override("es"):
        html = timeline(PROTOCOLS["trd_iv6"], {})
    assert not re.findall(r'"\d+,\d', html)
