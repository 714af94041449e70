"""The planner against the naive oracle: right, complete and cheapest on random small clinics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from random import Random

import pytest

from scheduling.core.availability import Availability
from scheduling.core.grid import DayGrid
from scheduling.core.plan import Answer, Proposal
from scheduling.core.planner import best
from tests.core.oracle.case import Case
from tests.core.oracle.checker import complaints
from tests.core.oracle.cost import cost
from tests.core.oracle.enumerate import people, plans
from tests.core.oracle.ledger import Ledger
from tests.core.oracle.random_cases import small_case, tiny_case
from tests.core.oracle.seeds import for_random

pytestmark = pytest.mark.soak

FEW = 3000
"""Plans up to which a case counts as small enough to enumerate."""


@for_random
def test_the_best_plan_is_the_cheapest_of_all_and_none_is_missed(rng: Random) -> None:
    case = tiny_case(rng)
    ledger = Ledger(case.units, case.bookings)
    costs = list(islice(all_costs(case, ledger), FEW + 1))

    answer = plan(case)

    assert answer.optimal
    if len(costs) <= FEW:
        assert [offer.score for offer in answer.proposals] == sorted(costs)[:1]


@for_random
def test_every_plan_keeps_every_rule_and_costs_what_it_says(rng: Random) -> None:
    case = small_case(rng)
    ledger = Ledger(case.units, case.bookings)

    for offer in plan(case).proposals:
        assert complaints(case, offer.sessions, ledger) == []
        starts = {session.step: session.start for session in offer.sessions}
        assert offer.score == cost(case, starts, who_serves(case, offer), ledger)


def plan(case: Case) -> Answer:
    return best(
        availability_of(case), case.course, case.wishes, patient=case.patient, limits=case.limits
    )


def availability_of(case: Case) -> Availability:
    return Availability(DayGrid(case.zone, case.first, case.days), case.units, case.bookings)


def all_costs(case: Case, ledger: Ledger) -> Iterator[int]:
    for who in people(case):
        for starts in plans(case, who, ledger):
            yield cost(case, starts, who, ledger)


def who_serves(case: Case, offer: Proposal) -> Mapping[str, str]:
    """The unit of each continuity role, as bound."""
    return {
        taken.role: taken.unit
        for session in offer.sessions
        for taken in session.taken
        if taken.role == case.course.step(session.step).service.continuity and taken.lanes
    }
