"""Where things stand on a drawn day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings

from scheduling.web.desk.timetable import MOST, Block, Window, closed, window_of
from tests.factories import at

MIDNIGHT, NEXT = at("2026-11-24 00:00"), at("2026-11-25 00:00")
EIGHT, FIVE = at("2026-11-24 08:00"), at("2026-11-24 17:00")
DAY = Window(EIGHT, FIVE)


def test_a_block_begins_in_its_row_and_is_cut_at_the_edges() -> None:
    assert DAY.block(EIGHT, at("2026-11-24 08:50")) == Block(1, 10)
    assert DAY.block(at("2026-11-24 16:30"), at("2026-11-24 18:00")) == Block(103, 6)
    assert DAY.block(at("2026-11-24 18:00"), at("2026-11-24 19:00")) is None


def test_off_the_rows_a_block_is_drawn_larger_never_smaller() -> None:
    assert DAY.block(at("2026-11-24 08:02"), at("2026-11-24 08:06")) == Block(1, 2)


def test_the_window_covers_everything_in_whole_hours() -> None:
    spans = [(at("2026-11-24 08:10"), at("2026-11-24 12:00")), (EIGHT, at("2026-11-24 17:05"))]
    assert window_of(MIDNIGHT, NEXT, spans) == Window(EIGHT, at("2026-11-24 18:00"))


def test_a_day_on_which_nothing_is_open_is_drawn_from_eight_to_five() -> None:
    assert window_of(MIDNIGHT, NEXT, []) == DAY


def test_what_runs_past_midnight_is_cut_there() -> None:
    late = (at("2026-11-24 23:00"), at("2026-11-25 01:00"))
    assert window_of(MIDNIGHT, NEXT, [late]) == Window(at("2026-11-24 23:00"), NEXT)


def test_closed_is_what_the_hours_leave() -> None:
    noon, one = at("2026-11-24 12:00"), at("2026-11-24 13:00")
    assert closed(DAY, [(EIGHT, noon), (one, FIVE)]) == [Block(49, 12)]
    assert closed(DAY, []) == [Block(1, DAY.rows)]


def test_now_has_a_row_only_inside_the_window() -> None:
    assert DAY.row_of(EIGHT + timedelta(minutes=7)) == 2
    assert DAY.row_of(FIVE) is None


def test_every_row_and_length_has_its_rule() -> None:
    """The page carries no style of its own: what is drawn needs a class that exists."""
    css = (Path(settings.BASE_DIR) / "config/static/css/rows.css").read_text()
    for number in range(1, MOST + 1):
        assert f".r{number} {{ grid-row-start: {number}; }}" in css
        assert f".h{number} {{ grid-row-end: span {number}; }}" in css
