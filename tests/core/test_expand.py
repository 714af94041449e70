"""What each word of a protocol means in the flat course."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduling.core.catalogue import service_for
from scheduling.core.course import START, Rule, Window
from scheduling.core.expand import expand, spacing_days
from scheduling.core.protocol import Block, Override, StepTemplate
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.service import Requirement
from tests.core.courses import (
    DOSE,
    DOSE_STEP,
    EVAL_STEP,
    EVALUATION,
    SERVICES,
    TALK,
    protocol,
)


def test_a_window_is_for_the_first_occurrence_and_the_gap_for_those_that_follow() -> None:
    course = expand(protocol(EVAL_STEP, DOSE_STEP), SERVICES)

    assert [step.id for step in course.steps] == ["eval.1", "dose.1", "dose.2", "dose.3"]
    assert course.rules == (
        Rule(START, "eval.1", Window(min=0, max=14)),
        Rule("eval.1", "dose.1", Window(2, 7, 28)),
        Rule("dose.1", "dose.2", Window(2, 3, 7), kind="gap"),
        Rule("dose.2", "dose.3", Window(2, 3, 7), kind="gap"),
    )


def test_a_window_wholly_before_its_anchor_bounds_every_occurrence() -> None:
    prep = StepTemplate(
        "prep", "talk", count=2, anchor="dose.1", window=Window(-14, -5, -1), gap=Window(1, 3, 7)
    )
    course = expand(protocol(EVAL_STEP, prep, DOSE_STEP), SERVICES)

    assert [rule for rule in course.rules if rule.step.startswith("prep")] == [
        Rule("eval.1", "prep.1", Window(min=0)),
        Rule("dose.1", "prep.1", Window(-14, -5, -1)),
        # The target is for the first; the gap's target places the second.
        Rule("dose.1", "prep.2", Window(-14, None, -1)),
        Rule("prep.1", "prep.2", Window(1, 3, 7), kind="gap"),
    ]


def test_after_a_list_makes_one_occurrence_for_each_anchor_in_order_on_different_days() -> None:
    integ = StepTemplate(
        "integ", "talk", count=2, after=("dose.1", "dose.3"), window=Window(1, 2, 5)
    )
    course = expand(protocol(EVAL_STEP, DOSE_STEP, integ), SERVICES)

    assert [rule for rule in course.rules if rule.step.startswith("integ")] == [
        Rule("eval.1", "integ.1", Window(min=0)),
        Rule("dose.1", "integ.1", Window(1, 2, 5)),
        Rule("dose.3", "integ.2", Window(1, 2, 5)),
        Rule("integ.1", "integ.2", Window(min=1), kind="gap"),
    ]


def test_before_lets_it_end_on_the_same_day_but_earlier() -> None:
    review = StepTemplate(
        "review", "talk", anchor="dose.1", window=Window(0, 1, 3), before="dose.2"
    )
    course = expand(protocol(EVAL_STEP, DOSE_STEP, review), SERVICES)

    assert Rule("dose.2", "review.1", Window(max=0)) in course.rules


def test_not_the_same_day_as_any_session_of_another_step() -> None:
    talk = StepTemplate(
        "talk", "talk", count=2, anchor="dose.1", window=Window(1, 1, 3), gap=Window(2, 5, 8),
        not_same_day_as=("dose",),
    )  # fmt: skip
    course = expand(protocol(EVAL_STEP, DOSE_STEP, talk), SERVICES)

    assert course.apart == tuple(
        (f"talk.{talk_number}", f"dose.{dose_number}")
        for talk_number in (1, 2)
        for dose_number in (1, 2, 3)
    )


def test_a_cleared_patient_needs_no_evaluation_and_counts_from_the_earliest_date() -> None:
    course = expand(protocol(EVAL_STEP, DOSE_STEP), SERVICES, cleared=True)

    assert [step.id for step in course.steps] == ["dose.1", "dose.2", "dose.3"]
    assert course.rules[0] == Rule(START, "dose.1", Window(min=0, max=28))


def test_blocks_come_whole_and_only_when_chosen() -> None:
    talks = StepTemplate(
        "talks", "talk", count=2, anchor="dose.1", window=Window(-7, 2, 7), gap=Window(5, 7, 14)
    )
    little = protocol(EVAL_STEP, DOSE_STEP, blocks=(Block("talks", "Talks", (talks,)),))

    assert len(expand(little, SERVICES).steps) == 4
    course = expand(little, SERVICES, blocks=["talks"])
    assert [(step.id, step.core, step.block) for step in course.steps[3:]] == [
        ("dose.3", True, None),
        ("talks.1", False, "talks"),
        ("talks.2", False, "talks"),
    ]


def test_what_a_prescriber_adds_is_never_reserved_ahead() -> None:
    more = StepTemplate(
        "more", "dose", count=None, anchor="dose.3", window=Window(5, 7, 10), gap=Window(5, 7, 10)
    )
    little = protocol(EVAL_STEP, DOSE_STEP, added_by_prescriber=(more,))

    assert "more.1" not in {step.id for step in expand(little, SERVICES).steps}
    course = expand(little, SERVICES, added={"more": 2})
    assert [step.id for step in course.steps[4:]] == ["more.1", "more.2"]
    assert Rule("dose.3", "more.1", Window(5, 7, 10)) in course.rules
    assert Rule("more.1", "more.2", Window(5, 7, 10), kind="gap") in course.rules


def test_the_first_dose_has_a_nurse_alone_in_all_phases() -> None:
    first = replace(DOSE_STEP, overrides=(Override(1, ("nurse",)),))
    course = expand(protocol(EVAL_STEP, first), SERVICES)

    alone = [
        [need.role for need in step.service.requirements if need.alone] for step in course.steps
    ]
    assert alone == [[], ["nurse", "nurse", "nurse"], [], []]


def test_spacing_is_the_least_gap_of_the_treatments() -> None:
    later = replace(DOSE_STEP, id="later", anchor="dose.3", gap=Window(5, 7, 10))
    talks = StepTemplate(
        "talks", "talk", count=2, anchor="dose.1", window=Window(0, 2, 7), gap=Window(1, 7, 14)
    )
    assert spacing_days(protocol(EVAL_STEP, DOSE_STEP, later, talks), SERVICES) == 2
    assert spacing_days(protocol(EVAL_STEP), SERVICES) == 1
    assert expand(protocol(EVAL_STEP, DOSE_STEP), SERVICES).spacing_days == 2


def test_a_nurse_may_hand_over_between_phases_and_the_chair_is_cleaned_afterwards() -> None:
    assert service_for(DOSE).requirements == (
        Requirement("nurse", 0, 30),
        Requirement("nurse", 30, 70),
        Requirement("nurse", 70, 130),
        Requirement("chair", 0, 145),
        Requirement("prescriber", 0, 10),
        Requirement("prescriber", 0, 130, present=True),
    )
    assert service_for(DOSE).minutes == 130


def test_a_video_session_needs_no_room_and_no_trip() -> None:
    little = protocol(
        EVAL_STEP, StepTemplate("talk", "talk", anchor="eval.1", window=Window(1, 1, 7))
    )
    talk = expand(little, SERVICES, modes={"talk": "video"}).step("talk.1").service

    assert talk.requirements == (Requirement("therapist", 0, 50, speaks=True),)
    assert not talk.trip
    assert service_for(TALK).trip


def test_every_unknown_block_step_and_mode_is_refused_at_once() -> None:
    with pytest.raises(Refused) as caught:
        expand(
            protocol(EVAL_STEP, DOSE_STEP),
            SERVICES,
            blocks=["music"],
            added={"more": 1},
            modes={"dose": "video", "dance": "in_person"},
        )
    assert caught.value.refusals == (
        refuse(Code.UNKNOWN, field="blocks", value="music"),
        refuse(Code.UNKNOWN, field="added", value="more"),
        refuse(Code.UNKNOWN, field="modes", value="dose: video"),
        refuse(Code.UNKNOWN, field="modes", value="dance: in_person"),
    )
    with pytest.raises(ValueError, match="evaluation is not offered by phone"):
        service_for(EVALUATION, mode="phone")
