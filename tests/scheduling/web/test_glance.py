"""A course at a glance."""

from __future__ import annotations

from datetime import date

from scheduling.web.glance import glance


def test_every_week_from_the_first_session_to_the_last_is_there() -> None:
    weeks = glance(
        [
            (date(2026, 12, 2), "treatment"),
            (date(2026, 12, 2), "talk"),
            (date(2026, 12, 16), "group"),
        ]
    )

    assert [week.monday.isoformat() for week in weeks] == ["2026-11-30", "2026-12-07", "2026-12-14"]
    assert weeks[0].days[2].marks == ("treatment", "talk")
    assert not any(day.marks for day in weeks[1].days)
    assert weeks[2].days[2].marks == ("group",)
