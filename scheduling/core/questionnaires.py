"""Questionnaires: what they ask, how they are scored, and what a score means.

The words and numbers stand in `scheduling/questionnaires/*.yaml`, with their sources. A score
describes how somebody answered; it diagnoses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Answers = Mapping[str, str]
"""The number of the item ("1" for the first) to the value chosen, as a form sends them."""


@dataclass(frozen=True, slots=True)
class Option:
    value: int
    words: str


@dataclass(frozen=True, slots=True)
class Band:
    """Scores from `lowest` up to the next band."""

    lowest: int
    words: str


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One version of an instrument in one language.

    Without `items` it is filled in elsewhere, and only its result is kept: one of `options`, or a
    number from `lowest` to `highest`. `danger` is the item whose answer above zero asks for a call
    at once. `worse_by` is how many points more count as worse; None: no such number is known.
    """

    slug: str
    version: int
    language: str
    title: str
    lowest: int
    highest: int
    asks: str = ""
    items: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    bands: tuple[Band, ...] = ()
    danger: int | None = None
    worse_by: int | None = None
    terms: str = ""


def known_answers(questionnaire: Questionnaire, sent: Mapping[str, str]) -> dict[str, str]:
    """Those of the answers that belong to an item and an option."""
    values = {str(option.value) for option in questionnaire.options}
    numbers = map(str, range(1, len(questionnaire.items) + 1))
    return {number: sent[number] for number in numbers if sent.get(number) in values}


def missing(questionnaire: Questionnaire, answers: Answers) -> tuple[int, ...]:
    """The numbers of the items without an answer."""
    known = known_answers(questionnaire, answers)
    return tuple(
        number for number in range(1, len(questionnaire.items) + 1) if str(number) not in known
    )


def score(questionnaire: Questionnaire, answers: Answers) -> int:
    """The sum of all answers. Raises ValueError where one is missing: a sum of some is no score."""
    if missing(questionnaire, answers):
        raise ValueError("an answer is missing")
    return sum(int(value) for value in known_answers(questionnaire, answers).values())


def is_result(questionnaire: Questionnaire, value: int) -> bool:
    """Whether staff may enter that result."""
    if questionnaire.options:
        return value in {option.value for option in questionnaire.options}
    return questionnaire.lowest <= value <= questionnaire.highest


def band(questionnaire: Questionnaire, value: int) -> str:
    """The words for a score; empty where the instrument has none."""
    words = ""
    for one in questionnaire.bands:
        if value >= one.lowest:
            words = one.words
    return words


def asks_for_help(questionnaire: Questionnaire, answers: Answers) -> bool:
    """Whether somebody has to call the person at once [PHQ-9 item 9: any answer above zero]."""
    if questionnaire.danger is None:
        return False
    return known_answers(questionnaire, answers).get(str(questionnaire.danger), "0") != "0"


def worsened(questionnaire: Questionnaire, before: Sequence[int], now: int) -> bool:
    """Whether a score is worse than the first one or the one before it, by as much as counts.

    After induction about 8 in 100 were worse than at the start [McInnes 2022,
    10.1016/j.jad.2021.12.097]: somebody has to look.
    """
    if questionnaire.worse_by is None or not before:
        return False
    return now - min(before[0], before[-1]) >= questionnaire.worse_by
