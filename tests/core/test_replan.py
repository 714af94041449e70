"""Moving a session of an existing course."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from scheduling.core.clinic import Booking
from scheduling.core.plan import Session
from scheduling.core.planner import best
from scheduling.core.replan import allowed_starts, replan
from scheduling.core.wishes import PatientTime
from tests.core.small_clinic import DAYS, MONDAY, at, availability, clock, taken
from tests.core.test_proposals import COURSE, TEAM, WISHES

CURRENT = {one.step: one for one in best(availability(TEAM), COURSE, WISHES).proposals[0].sessions}
"""Preparation on day 0, infusions on days 1, 4 and 7, the integration on day 7."""

MINE = [
    Booking(one.unit, one.start, one.end) for session in CURRENT.values() for one in session.taken
]


def moved(sessions: tuple[Session, ...]) -> dict[str, int]:
    """The new day of each session that starts at another time than before."""
    return {
        one.step: clock(one.start)[0] for one in sessions if one.start != CURRENT[one.step].start
    }


def test_nothing_to_change_costs_nothing_and_keeps_every_unit() -> None:
    free = availability(TEAM, MINE).without(MINE)

    (offer,) = replan(free, COURSE, CURRENT, move={}, frozen=frozenset(), wishes=WISHES).proposals

    assert offer.score == 0
    assert {one.step: one for one in offer.sessions} == CURRENT


def test_what_must_follow_follows_and_nothing_else() -> None:
    later = at(8, "09:00")

    answer = replan(
        availability(TEAM),
        COURSE,
        CURRENT,
        move={"inf.2": later},
        frozen=frozenset(),
        wishes=WISHES,
    )

    (offer,) = answer.proposals
    # The third infusion needs two days' distance, and the integration has to come after the second.
    assert moved(offer.sessions) == {"inf.2": 8, "inf.3": 10, "integ.1": 9}
    assert offer.score == (20 + 3 * 3) + (20 + 3 * 2)
    assert answer.optimal


def test_a_moved_session_may_stay_alone_where_the_rest_can_stay() -> None:
    (offer,) = replan(
        availability(TEAM),
        COURSE,
        CURRENT,
        move={"inf.2": at(3, "10:00")},
        frozen=frozenset(),
        wishes=WISHES,
    ).proposals

    assert moved(offer.sessions) == {"inf.2": 3}
    assert offer.score == 0


def test_frozen_sessions_stay_even_where_that_leaves_no_plan() -> None:
    answer = replan(
        availability(TEAM),
        COURSE,
        CURRENT,
        move={"inf.2": at(8, "09:00")},
        frozen=frozenset({"inf.3"}),
        wishes=WISHES,
    )

    assert answer.proposals == ()


def test_history_before_the_calendar_still_binds() -> None:
    past = {
        name: replace(one, start=one.start - 14 * 86400, end=one.end - 14 * 86400)
        for name, one in CURRENT.items()
        if name in ("prep.1", "inf.1")
    }
    here = {**CURRENT, **past}
    wishes = replace(WISHES, earliest=MONDAY - timedelta(14))

    answer = replan(
        availability(TEAM), COURSE, here, move={}, frozen=frozenset(past), wishes=wishes
    )

    # The first infusion was on day -13: the second may be on day -6 at the latest, which is over.
    assert answer.proposals == ()


def test_the_other_therapist_costs_more_than_half_an_hour() -> None:
    talks = [CURRENT["prep.1"], CURRENT["integ.1"]]
    (name,) = {one.unit for talk in talks for one in talk.taken}
    first = CURRENT["prep.1"].start
    busy = Booking(name, first, first + 300)

    (offer,) = replan(
        availability(TEAM, [busy]), COURSE, CURRENT, move={}, frozen=frozenset(), wishes=WISHES
    ).proposals

    assert moved(offer.sessions) == {"prep.1": 0}
    assert offer.score == 5 + 1
    assert {one.unit for s in offer.sessions for one in s.taken if one.role == "therapist"} == {
        name
    }


def test_starts_allowed_alone_keep_every_rule_of_the_step() -> None:
    starts = allowed_starts(
        availability(TEAM),
        COURSE,
        CURRENT,
        "inf.2",
        first_day=0,
        last_day=DAYS - 1,
        wishes=WISHES,
        cascade=False,
    )

    # Two days after the first infusion, two before the third, and a day or more before the talk.
    assert {clock(start)[0] for start in starts} == {3, 4}
    assert CURRENT["inf.2"].start in starts


def test_starts_allowed_with_the_rest_following_go_further_but_not_into_the_past() -> None:
    now = at(2, "12:00")

    starts = allowed_starts(
        availability(TEAM),
        COURSE,
        CURRENT,
        "inf.2",
        first_day=0,
        last_day=DAYS - 1,
        wishes=WISHES,
        patient=PatientTime(busy=((0, now),)),
        frozen=frozenset({"prep.1", "inf.1"}),
        cascade=True,
    )

    assert {clock(start)[0] for start in starts} == {3, 4, 7, 8}


def test_a_start_whose_resources_are_gone_is_not_allowed() -> None:
    free = availability(TEAM, [taken("nurse1", 3, "09:00", "12:00")])

    starts = allowed_starts(
        free, COURSE, CURRENT, "inf.2", first_day=0, last_day=9, wishes=WISHES, cascade=False
    )

    assert {clock(start)[0] for start in starts} == {4}
