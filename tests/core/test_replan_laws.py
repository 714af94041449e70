"""Moving sessions of an existing course against trying every plan, on random tiny clinics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

import pytest

from scheduling.core.availability import Availability
from scheduling.core.clinic import Booking
from scheduling.core.grid import DayGrid
from scheduling.core.plan import Session
from scheduling.core.replan import allowed_starts, replan
from tests.core.oracle.case import Case
from tests.core.oracle.checker import broken_rules, complaints, wrong_time
from tests.core.oracle.enumerate import chosen, joint, people, plans, together
from tests.core.oracle.ledger import Ledger
from tests.core.oracle.random_cases import tiny_case
from tests.core.oracle.seeds import for_random
from tests.core.test_planner_laws import plan

pytestmark = pytest.mark.soak

FEW = 3000


@dataclass(frozen=True)
class Booked:
    """A course as it stands. `case` counts the frozen sessions among the clinic's bookings."""

    case: Case
    current: Mapping[str, Session]
    frozen: frozenset[str]
    step: str

    @property
    def pinned(self) -> dict[str, int]:
        return {name: self.current[name].start for name in self.frozen}

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.case.units, self.case.bookings)

    @property
    def availability(self) -> Availability:
        grid = DayGrid(self.case.zone, self.case.first, self.case.days)
        return Availability(grid, self.case.units, self.case.bookings)


@for_random
def test_the_rest_follows_a_moved_session_with_the_least_change(rng: Random) -> None:
    booked = some_course(rng)
    if booked is None:
        return
    case, ledger = booked.case, booked.ledger
    wanted = rng.choice([*joint(case, ledger, booked.step), booked.current[booked.step].start])
    moved = replace(case, wishes=replace(case.wishes, fixed={booked.step: wanted}))
    prices = list(islice(all_prices(booked, moved, ledger), FEW + 1))

    answer = replan(
        booked.availability,
        case.course,
        booked.current,
        move={booked.step: wanted},
        frozen=booked.frozen,
        wishes=case.wishes,
        patient=case.patient,
        limits=case.limits,
    )

    assert answer.optimal
    if len(prices) <= FEW:
        assert [offer.score for offer in answer.proposals] == sorted(prices)[:1]
    for offer in answer.proposals:
        sessions = {session.step: session for session in offer.sessions}
        assert sessions[booked.step].start == wanted
        assert all(sessions[name] == booked.current[name] for name in booked.frozen)
        if not booked.frozen:
            assert complaints(moved, offer.sessions, ledger) == []


@for_random
def test_a_session_may_go_where_the_others_can_follow(rng: Random) -> None:
    booked = some_course(rng)
    if booked is None:
        return
    case, ledger = booked.case, booked.ledger
    every = [
        starts[booked.step]
        for who in people(case)
        for starts in islice(plans(case, who, ledger, booked.pinned), FEW + 1)
    ]

    offered = where(booked, cascade=True)

    if len(every) <= FEW:
        assert offered == sorted(set(every))


@for_random
def test_a_session_may_go_alone_where_every_rule_still_holds(rng: Random) -> None:
    booked = some_course(rng)
    if booked is None:
        return
    others = frozenset(booked.current) - {booked.step}
    booked = frozen_too(booked, others)
    case, ledger, step = booked.case, booked.ledger, booked.step

    offered = where(booked, cascade=False)

    assert offered == [
        start
        for start in sorted({t for view in views(booked) for t in joint(view, ledger, step)})
        if not any(wrong_time(case, step, start))
        and not any(broken_rules(case, {**booked.pinned, step: start}))
        and together(case, {**booked.pinned, step: start})
    ]


def some_course(rng: Random) -> Booked | None:
    """A best plan as if booked, with perhaps one session frozen, and a step to move."""
    case = tiny_case(rng)
    case = replace(case, wishes=replace(case.wishes, fixed={}))
    offers = plan(case).proposals
    if not offers:
        return None
    current = {session.step: session for session in offers[0].sessions}
    step, *others = rng.sample(sorted(current), len(current))
    frozen = frozenset(others[:1] if rng.random() < 0.4 else ())
    return frozen_too(Booked(case, current, frozenset(), step), frozen)


def frozen_too(booked: Booked, frozen: frozenset[str]) -> Booked:
    """The same course with these sessions frozen: what they take is taken."""
    rows = [
        Booking(taken.unit, taken.start, taken.end)
        for name in frozen - booked.frozen
        for taken in booked.current[name].taken
        for _ in range(taken.lanes)
    ]
    case = replace(booked.case, bookings=(*booked.case.bookings, *rows))
    return replace(booked, case=case, frozen=booked.frozen | frozen)


def where(booked: Booked, *, cascade: bool) -> list[int]:
    case = booked.case
    return allowed_starts(
        booked.availability,
        case.course,
        booked.current,
        booked.step,
        first_day=0,
        last_day=case.days - 1,
        wishes=case.wishes,
        patient=case.patient,
        limits=case.limits,
        cascade=cascade,
        frozen=booked.frozen if cascade else frozenset(),
    )


def views(booked: Booked) -> Iterator[Case]:
    """The case with the person who serves the step's role elsewhere, or else with anyone."""
    case, role = booked.case, booked.case.course.step(booked.step).service.continuity
    serving = {
        taken.unit
        for name, session in booked.current.items()
        for taken in session.taken
        if name != booked.step
        and taken.lanes
        and taken.role == role == case.course.step(name).service.continuity
    }
    for who in people(case):
        if role is None or not serving or who[role] in serving:
            yield chosen(case, who, booked.step)


def all_prices(booked: Booked, moved: Case, ledger: Ledger) -> Iterator[int]:
    for who in people(moved):
        for starts in plans(moved, who, ledger, booked.pinned):
            yield sum(
                price_of_change(booked, name, start, who)
                for name, start in starts.items()
                if name not in booked.frozen
            )


def price_of_change(booked: Booked, name: str, start: int, who: Mapping[str, str]) -> int:
    session, case = booked.current[name], booked.case
    role = case.course.step(name).service.continuity
    now = {taken.unit for taken in session.taken if taken.role == role and taken.lanes}
    price = 8 if now and who[role or ""] not in now else 0
    days = abs(case.day(start) - case.day(session.start))
    if name == booked.step or start == session.start:
        return price
    if days:
        return price + 20 + 3 * days
    return price + 5 + -(-abs(start - session.start) // 1800)
