"""Proposals and refusals against the naive oracle, on random small clinics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any

import pytest

from scheduling.core.plan import Answer, Proposal
from scheduling.core.proposals import propose
from scheduling.core.refusals import Code
from scheduling.core.wishes import DAY_PARTS, Wishes
from tests.core.oracle.case import Case
from tests.core.oracle.checker import complaints
from tests.core.oracle.cost import cost
from tests.core.oracle.ledger import Ledger
from tests.core.oracle.random_cases import small_case
from tests.core.oracle.seeds import for_random
from tests.core.test_planner_laws import availability_of, plan, who_serves

pytestmark = pytest.mark.soak

RELAXED: Mapping[str, Mapping[str, Any]] = {
    "latest": {"latest": None},
    "weekdays": {"weekdays": frozenset(range(1, 8))},
    "day_parts": {"day_parts": frozenset(DAY_PARTS)},
    "hours": {"not_before": 0, "not_after": 24 * 60},
    "languages": {"languages": frozenset()},
    "access": {"access": frozenset()},
    "practitioners": {"practitioners": {}},
    "fixed": {"fixed": {}},
}
"""What the patient would give up for each change that a refusal may name."""


@for_random
def test_every_proposal_keeps_every_rule_and_costs_what_it_says(rng: Random) -> None:
    case = small_case(rng)
    ledger = Ledger(case.units, case.bookings)

    for offer in offers(case).proposals:
        starts = {session.step: session.start for session in offer.sessions}
        trips = [step.id for step in case.course.steps if step.service.trip]
        assert complaints(case, offer.sessions, ledger) == []
        assert offer.score == cost(case, starts, who_serves(case, offer), ledger)
        assert offer.starts_on.toordinal() == min(map(case.day, starts.values()))
        assert offer.ends_on.toordinal() == max(map(case.day, starts.values()))
        assert offer.trips == len({case.day(starts[step]) for step in trips})


@for_random
def test_proposals_come_best_first_and_any_two_differ_in_three_session_days(rng: Random) -> None:
    case = small_case(rng)
    answer = offers(case)

    scores = [offer.score for offer in answer.proposals]
    assert scores == sorted(scores)
    if answer.optimal:
        assert scores[:1] == [offer.score for offer in plan(case).proposals]
    if scores and answer.bound is not None:
        assert answer.bound <= scores[0]
    for one, other in combinations(answer.proposals, 2):
        assert differing_days(case, one, other) >= min(3, len(one.sessions))


@for_random
def test_where_there_is_no_plan_a_reason_is_given_and_each_hint_would_help(rng: Random) -> None:
    case = small_case(rng)
    answer = offers(case)

    assert bool(answer.proposals) != bool(answer.refusals)
    for refusal in answer.refusals:
        if refusal.code == Code.WOULD_HELP and refusal.facts["change"] != "role":
            changed = replace(case, wishes=relaxed(case.wishes, refusal.facts))
            assert plan(changed).proposals


def offers(case: Case) -> Answer:
    return propose(
        availability_of(case), case.course, case.wishes, patient=case.patient, limits=case.limits
    )


def differing_days(case: Case, one: Proposal, other: Proposal) -> int:
    days = {session.step: case.day(session.start) for session in one.sessions}
    return sum(days[session.step] != case.day(session.start) for session in other.sessions)


def relaxed(wishes: Wishes, facts: Mapping[str, Any]) -> Wishes:
    if facts["change"] == "earliest":
        return replace(wishes, earliest=facts["earliest"])
    return replace(wishes, **RELAXED[facts["change"]])
