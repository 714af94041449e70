"""A refusal says when and what in words, whichever part of the software found it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scheduling.api.problems import refusal_json
from scheduling.core.refusals import Code, refuse
from scheduling.wording import sentence

ZONE = "America/Denver"
NINE = datetime(2026, 12, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize("start", [NINE, NINE.isoformat(), int(NINE.timestamp())])
def test_an_instant_reads_the_same_however_it_comes(start: object) -> None:
    refusal = refuse(Code.PATIENT_BUSY, step="", start=start)

    said = sentence(refusal, ZONE)

    assert said.startswith("There is already a visit at this time (a visit, Dec. 1, 2026, 9 a.m.)")
    assert refusal_json(refusal, ZONE)["start"] == "2026-12-01T09:00:00-07:00"


def test_a_fact_that_is_no_instant_is_left_alone() -> None:
    assert "“soon”" in sentence(refuse(Code.UNKNOWN, field="start", value="soon"), ZONE)


def test_what_the_database_refused_is_said_without_empty_brackets() -> None:
    assert sentence(refuse(Code.PATIENT_BUSY)) == (
        "There is already a visit at this time. Move one of the two."
    )
    assert "(–" not in sentence(refuse(Code.TAKEN))
