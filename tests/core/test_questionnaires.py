"""Scores, and what counts as worse."""

from __future__ import annotations

import pytest

from scheduling.core.questionnaires import (
    asks_for_help,
    band,
    is_result,
    known_answers,
    missing,
    score,
    worsened,
)
from scheduling.protocols.parsing import ProtocolError
from scheduling.questionnaires.loading import (
    FOLDER,
    load_questionnaires,
    questionnaire,
    read_questionnaire,
)

PHQ9 = questionnaire("phq9")
YBOCS = questionnaire("ybocs_total")
ASQ = questionnaire("asq")
assert PHQ9
assert YBOCS
assert ASQ


def all_of(value: int, items: int = 9) -> dict[str, str]:
    return {str(number): str(value) for number in range(1, items + 1)}


@pytest.mark.parametrize(
    ("slug", "items", "highest"), [("phq9", 9, 27), ("gad7", 7, 21), ("pcl5", 20, 80)]
)
def test_published_instruments_are_whole(slug: str, items: int, highest: int) -> None:
    one = questionnaire(slug)
    assert one

    assert len(one.items) == items
    assert (one.lowest, one.highest) == (0, highest)
    top = max(option.value for option in one.options)
    assert score(one, all_of(top, items)) == highest


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (0, "minimal"),
        (4, "minimal"),
        (5, "mild"),
        (9, "mild"),
        (10, "moderate"),
        (14, "moderate"),
        (15, "moderately severe"),
        (19, "moderately severe"),
        (20, "severe"),
        (27, "severe"),
    ],
)
def test_bands_are_those_of_kroenke_2001(points: int, words: str) -> None:
    assert band(PHQ9, points) == words


def test_a_sum_of_some_answers_is_no_score() -> None:
    some = {"1": "3", "2": "9", "10": "1", "x": "1"}

    assert known_answers(PHQ9, some) == {"1": "3"}
    assert missing(PHQ9, some) == tuple(range(2, 10))
    with pytest.raises(ValueError, match="missing"):
        score(PHQ9, some)


@pytest.mark.parametrize(
    ("answers", "help_"),
    [({"9": "1"}, True), ({"9": "3"}, True), ({"9": "0"}, False), ({"9": "7"}, False), ({}, False)],
)
def test_the_ninth_item_asks_for_help(answers: dict[str, str], *, help_: bool) -> None:
    assert asks_for_help(PHQ9, answers) == help_
    assert not asks_for_help(YBOCS, answers)


@pytest.mark.parametrize(
    ("before", "now", "worse"),
    [
        ([], 27, False),  # the first is what others are compared with
        ([10], 14, False),
        ([10], 15, True),
        ([20, 5], 10, True),  # still better than at the start, and worse than last time
        ([10, 18], 17, True),  # better than last time, and worse than at the start
        ([20, 12], 13, False),
    ],
)
def test_worse_than_at_the_start_or_than_last_time(
    before: list[int], now: int, *, worse: bool
) -> None:
    assert worsened(PHQ9, before, now) == worse


def test_results_from_elsewhere_stay_in_their_range() -> None:
    assert [is_result(YBOCS, value) for value in (-1, 0, 40, 41)] == [False, True, True, False]
    assert [is_result(ASQ, value) for value in (0, 2, 3)] == [True, True, False]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("danger: 9", "danger: 10", 31, "danger must be the number of an item"),
        ("{from: 5, words: mild}", "{from: 0, words: mild}", 25, "bands must rise from 0"),
        ("{from: 20,", "{from: 28,", 25, "no score is above 27"),
        ("{value: 1, words: S", "{value: 0, words: S", 7, "two options have the same value"),
        ("title: P", "tittle: P", 1, "title is missing"),
        ("questionnaire: phq9", "questionnaire: phq8", 1, "belongs in a file phq8.en.yaml"),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, line: int, words: str) -> None:
    text = (FOLDER / "phq9.en.yaml").read_text(encoding="utf-8")
    assert old in text

    with pytest.raises(ProtocolError) as caught:
        read_questionnaire(text.replace(old, new, 1), "phq9.en.yaml")

    told = [(one.line, one.text) for one in caught.value.problems]
    assert any(at == line and said.startswith(words) for at, said in told), told


def test_a_language_nobody_has_checked_falls_back_to_english() -> None:
    asked = questionnaire("phq9", "xx")
    assert asked
    assert asked.language == "en"
    assert questionnaire("rems_form") is None
    assert {language for _, language in load_questionnaires()} == {"en"}
