"""The safety questions a patient answers at home, before a prescriber sees them.

They inform and flag; they never say yes or no. What is asked follows the label of esketamine
(contraindications) and the consensus statement on ketamine for mood disorders [Sanacora 2017,
10.1001/jamapsychiatry.2017.0080]; the question about suicide is one of the ASQ's, which the
National Institute of Mental Health gives away for use.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Question(StrEnum):
    """In the order in which they are asked."""

    SELF_HARM = "self_harm"
    ANEURYSM = "aneurysm"
    BRAIN_BLEED = "brain_bleed"
    ALLERGY = "allergy"
    HEART = "heart"
    PSYCHOSIS = "psychosis"
    LIVER = "liver"
    PRESSURE = "pressure"
    SUBSTANCES = "substances"
    PREGNANCY = "pregnancy"
    BLADDER = "bladder"


class Reply(StrEnum):
    NO = "no"
    YES = "yes"
    UNSURE = "unsure"


MEDICINES = "medicines"
"""Free words beside the questions; may stay empty."""

RED = frozenset({Question.ANEURYSM, Question.BRAIN_BLEED, Question.ALLERGY})
"""Contraindications on the label: a clearance given before is looked at again."""

Answers = Mapping[str, str]


def asks_for_help(question: str, reply: str) -> bool:
    """Whether somebody has to call the person at once. Not sure counts as yes."""
    return question == Question.SELF_HARM and reply in (Reply.YES, Reply.UNSURE)


def flagged(answers: Answers) -> tuple[Question, ...]:
    """What a clinician should ask about, in the order of the questions."""
    return tuple(one for one in Question if answers.get(one) in (Reply.YES, Reply.UNSURE))


def red(answers: Answers) -> bool:
    """Whether one of the flags asks for a prescriber's eyes before any treatment."""
    return not RED.isdisjoint(flagged(answers))


def missing(answers: Answers) -> tuple[Question, ...]:
    """Questions without an answer."""
    return tuple(one for one in Question if answers.get(one) not in set(Reply))
