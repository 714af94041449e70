"""Whole courses: the cheapest, several that differ, and the reasons when there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from scheduling.core.course import START, Course, Rule, Step, Window
from scheduling.core.plan import Proposal
from scheduling.core.planner import best, propose
from scheduling.core.refusals import Code
from scheduling.core.service import Requirement
from scheduling.core.walltime import local_date
from scheduling.core.wishes import Liking, PatientTime, Wishes
from tests.core.small_clinic import MONDAY, ZONE, at, availability, clock, service, taken, unit

TALK = service(
    "talk", 50, Requirement("therapist", 0, 50, speaks=True), talk=True, continuity="therapist"
)
INFUSION = service("infusion", 60, "nurse", treatment=True)
TEAM = [
    unit("therapist1", languages=frozenset({"en"})),
    unit("therapist2", languages=frozenset({"en", "es"})),
    unit("nurse1"),
]
COURSE = Course(
    steps=(
        Step("prep.1", TALK),
        Step("inf.1", INFUSION),
        Step("inf.2", INFUSION),
        Step("inf.3", INFUSION),
        Step("integ.1", TALK),
    ),
    rules=(
        Rule(START, "prep.1", Window(0, None, 10)),
        Rule("inf.1", "prep.1", Window(-7, -1, -1)),
        Rule("inf.1", "inf.2", Window(2, 3, 7), "gap"),
        Rule("inf.2", "inf.3", Window(2, 3, 7), "gap"),
        Rule("inf.2", "integ.1", Window(1, 2, 5)),
    ),
    spacing_days=2,
)
WISHES = Wishes(MONDAY)


def days(offer: Proposal) -> dict[str, int]:
    return {one.step: (local_date(one.start, ZONE) - MONDAY).days for one in offer.sessions}


def test_the_best_plan_meets_its_targets_and_bundles_what_it_can() -> None:
    answer = best(availability(TEAM), COURSE, WISHES)

    (offer,) = answer.proposals
    # Preparation, then infusions three days apart; the weekend moves nothing off target, and the
    # integration shares the day of the third infusion: four visits instead of five.
    assert days(offer) == {"prep.1": 0, "inf.1": 1, "inf.2": 4, "inf.3": 7, "integ.1": 7}
    # 4 visits, finished on day 7, and the integration one day off its target.
    assert offer.score == 4 * 10 + 2 * 7 + 3
    assert (offer.trips, answer.optimal, answer.bound) == (4, True, 57)


def test_a_talk_comes_before_the_treatment_of_its_day_with_a_break() -> None:
    (offer,) = best(availability(TEAM), COURSE, WISHES).proposals

    last = {one.step: one for one in offer.sessions}
    assert last["inf.3"].start - last["integ.1"].end >= 10 * 60


def test_one_therapist_throughout_and_the_liked_one_where_it_costs_little() -> None:
    liking = Liking(practitioners={"therapist": "therapist2"})

    (offer,) = best(availability(TEAM), COURSE, replace(WISHES, liking=liking)).proposals

    talks = [one for one in offer.sessions if one.step in ("prep.1", "integ.1")]
    assert {taken.unit for one in talks for taken in one.taken} == {"therapist2"}


def test_five_proposals_best_first_differ_in_three_session_days_each() -> None:
    answer = propose(availability(TEAM), COURSE, WISHES, limit=5)

    scores = [offer.score for offer in answer.proposals]
    assert scores == sorted(scores)
    assert len(scores) == 5
    for one, other in combinations(answer.proposals, 2):
        assert sum(day != days(other)[step] for step, day in days(one).items()) >= 3
    assert "best_overall" in {reason.code for reason in answer.proposals[0].reasons}


def test_hard_wishes_bind_every_proposal() -> None:
    wishes = replace(
        WISHES,
        weekdays=frozenset({1, 3, 5}),
        not_before=10 * 60,
        languages=frozenset({"es"}),
        fixed={"inf.1": at(2, "10:30")},
    )

    answer = propose(availability(TEAM), COURSE, wishes)

    assert answer.proposals
    for offer in answer.proposals:
        assert all(day % 7 in (0, 2, 4) for day in days(offer).values())
        assert all(clock(one.start)[1] >= "10:00" for one in offer.sessions)
        assert {one.step: one.start for one in offer.sessions}["inf.1"] == at(2, "10:30")
        assert "therapist1" not in {t.unit for one in offer.sessions for t in one.taken}


def test_an_earlier_treatment_keeps_its_own_spacing_and_a_later_one_ours() -> None:
    earlier = PatientTime(treatments=((MONDAY.toordinal(), 9),))
    later = PatientTime(treatments=((MONDAY.toordinal() + 4, 1),))

    (after,) = best(availability(TEAM), COURSE, WISHES, patient=earlier).proposals
    (around,) = best(availability(TEAM), COURSE, WISHES, patient=later).proposals

    assert days(after)["inf.1"] >= 9
    infusions = {days(around)[f"inf.{n}"] for n in (1, 2, 3)}
    assert not infusions & {3, 4}


def test_at_the_node_limit_there_is_still_a_plan_and_a_bound() -> None:
    whole = best(availability(TEAM), COURSE, WISHES)

    hasty = best(availability(TEAM), COURSE, WISHES, node_limit=1)

    (offer,) = hasty.proposals
    assert hasty.bound is not None
    assert hasty.bound <= whole.proposals[0].score <= offer.score
    assert hasty.optimal == (hasty.bound == offer.score)


def test_equal_questions_get_equal_answers() -> None:
    free = availability(TEAM, [taken("nurse1", 1, "09:00", "11:30")])

    assert propose(free, COURSE, WISHES) == propose(free, COURSE, WISHES)


def test_no_plan_names_the_step_the_role_and_what_would_help() -> None:
    absent = [taken("nurse1", day, "09:00", "12:00") for day in range(12)]
    wishes = replace(WISHES, latest=MONDAY + timedelta(13))

    answer = propose(availability(TEAM, absent), COURSE, wishes)

    assert answer.proposals == ()
    assert answer.optimal
    by_code = {refusal.code: refusal.facts for refusal in reversed(answer.refusals)}
    start = by_code[Code.NO_START]
    assert (start["step"], start["role"], start["days_joint"]) == ("inf.1", "nurse", 0)
    helps = {
        refusal.facts["change"]: refusal.facts["first_start"]
        for refusal in answer.refusals
        if refusal.code == Code.WOULD_HELP
    }
    assert set(helps) == {"latest", "role"}
    assert MONDAY <= helps["role"] < MONDAY + timedelta(7)
    # The first infusion can be on day 14 at the earliest, with its preparation within 7 days.
    assert helps["latest"] >= MONDAY + timedelta(7)


@pytest.mark.parametrize(
    ("change", "wishes"),
    [
        ("weekdays", replace(WISHES, weekdays=frozenset({6, 7}))),
        ("day_parts", replace(WISHES, day_parts=frozenset({"evening"}))),
        ("hours", replace(WISHES, not_before=13 * 60)),
        ("languages", replace(WISHES, languages=frozenset({"fr"}))),
        ("practitioners", replace(WISHES, practitioners={"therapist": "nobody"})),
        ("fixed", replace(WISHES, fixed={"inf.1": at(5, "09:00")})),
    ],
)
def test_the_one_wish_in_the_way_is_named(change: str, wishes: Wishes) -> None:
    refusals = propose(availability(TEAM), COURSE, wishes).refusals

    changes = {one.facts["change"] for one in refusals if one.code == Code.WOULD_HELP}
    assert change in changes
