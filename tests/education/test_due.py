"""What of a course's reading is for now."""

from __future__ import annotations

from datetime import timedelta

from education.due import Due, asked_by, reading_of
from scheduling.protocols import loading as protocols
from tests.factories import NOW

PROTOCOL = protocols.load_library().protocols["trd_iv6"]
WHOLE = ["what-ketamine-therapy-is", "your-first-day", "depression"]
EVAL = ["benefits-and-limits", "who-should-not"]
PREP = ["before-your-visit", "psychotherapy"]
INF = ["during-your-visit", "safety-and-side-effects", "driving-and-your-ride"]
DAY = timedelta(days=1)


def days(*sessions: tuple[str, int]) -> list[Due]:
    return reading_of(PROTOCOL, [(step, NOW + after * DAY) for step, after in sessions], NOW)


def slugs(dues: list[Due], *, now: bool) -> list[str]:
    return [due.slug for due in dues if due.now == now]


def test_at_first_it_is_the_course_and_the_next_session() -> None:
    dues = days(("eval.1", 10), ("prep.1", 15), ("inf.1", 20), ("inf.2", 23), ("integ.1", 21))

    assert slugs(dues, now=True) == WHOLE + EVAL
    assert slugs(dues, now=False) == [*PREP, *INF, "after-your-visit"]


def test_a_week_before_a_session_its_pages_are_for_now() -> None:
    dues = days(("prep.1", 2), ("inf.1", 7), ("integ.1", 8))

    assert slugs(dues, now=True) == WHOLE + PREP + INF
    assert slugs(dues, now=False) == ["after-your-visit", *EVAL]


def test_a_page_is_for_the_first_session_that_asks_for_it() -> None:
    by = {due.slug: due.by for due in days(("inf.3", 9), ("inf.2", 6))}

    assert by["driving-and-your-ride"] == NOW + 6 * DAY
    assert by["depression"] is None


def test_with_nothing_ahead_only_the_course_itself_is_left() -> None:
    dues = days()
    assert slugs(dues, now=True) == WHOLE
    assert set(slugs(dues, now=False)) == {*EVAL, *PREP, *INF, "after-your-visit"}


def test_optional_parts_are_read_about_where_they_were_chosen() -> None:
    assert "supportive-counselling" not in [due.slug for due in days(("inf.1", 3))]
    assert "supportive-counselling" in slugs(days(("counsel.1", 3)), now=True)


def test_each_page_stands_there_once() -> None:
    found = [due.slug for due in days(*((f"inf.{n}", n) for n in range(1, 7)))]
    assert len(found) == len(set(found))


def test_a_session_asks_for_the_pages_of_its_step() -> None:
    assert list(asked_by(PROTOCOL, "inf.6")) == INF
    assert asked_by(PROTOCOL, "maint.1") == ()
    assert asked_by(PROTOCOL, "nothing.1") == ()
