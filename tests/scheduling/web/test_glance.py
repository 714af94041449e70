"""A course at a glance."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils.translation import override

from scheduling.web.glance import glance


@pytest.mark.parametrize(
    ("language", "firsts", "wednesday"),
    [
        ("en", ["2026-11-29", "2026-12-06", "2026-12-13"], 3),
        ("es", ["2026-11-30", "2026-12-07", "2026-12-14"], 2),
    ],
)
def test_every_week_from_the_first_session_to_the_last_begins_where_the_reader_expects(
    language: str, firsts: list[str], wednesday: int
) -> None:
    with override(language):
        weeks = glance(
            [
                (date(2026, 12, 2), "treatment"),
                (date(2026, 12, 2), "talk"),
                (date(2026, 12, 16), "group"),
            ]
        )

    assert [week.first.isoformat() for week in weeks] == firsts
    assert weeks[0].days[wednesday].marks == ("treatment", "talk")
    assert not any(day.marks for day in weeks[1].days)
    assert weeks[2].days[wednesday].marks == ("group",)
