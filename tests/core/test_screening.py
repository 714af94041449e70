"""Safety answers are flagged, never judged."""

import pytest

from scheduling.core.screening import (
    RED,
    Question,
    Reply,
    asks_for_help,
    flagged,
    missing,
    red,
)

ALL_NO = dict.fromkeys(Question, Reply.NO)


def test_nothing_is_flagged_where_every_answer_is_no() -> None:
    assert flagged(ALL_NO) == ()
    assert not red(ALL_NO)
    assert missing(ALL_NO) == ()


@pytest.mark.parametrize("question", Question)
@pytest.mark.parametrize("reply", [Reply.YES, Reply.UNSURE])
def test_yes_and_not_sure_are_both_for_a_clinician(question: Question, reply: Reply) -> None:
    answers = ALL_NO | {question: reply}

    assert flagged(answers) == (question,)
    assert red(answers) == (question in RED)
    assert asks_for_help(question, reply) == (question == Question.SELF_HARM)


def test_what_was_not_answered_is_missing_and_not_flagged() -> None:
    answers = {Question.HEART: "", Question.LIVER: "maybe", Question.BLADDER: Reply.NO}

    assert flagged(answers) == ()
    assert missing(answers) == tuple(one for one in Question if one != Question.BLADDER)
