"""Repairs of random disruptions, each looked at by the independent checker."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from random import Random

import pytest

from scheduling.core.repair import Change, Pin, Repair
from scheduling.core.repair_check import checked
from scheduling.core.repair_options import alternatives
from scheduling.core.repair_search import first, improve
from tests.core.oracle.random_disruptions import (
    UNPLACED,
    Struck,
    cheapest_alone,
    complaints_about,
    random_disruption,
)
from tests.core.oracle.seeds import for_random

pytestmark = pytest.mark.soak

ROUNDS = 60


@for_random
def test_a_first_repair_is_complete_and_keeps_every_rule(rng: Random) -> None:
    struck = some_disruption(rng)
    if struck is not None:
        repair = first(struck.shock)

        assert list(complaints_about(struck, repair)) == []
        assert checked(struck.shock, repair) == repair


@for_random
def test_every_improvement_keeps_every_rule_and_costs_less(rng: Random) -> None:
    struck = some_disruption(rng)
    if struck is None:
        return
    found = list(improve(struck.shock, seed=rng.randrange(9), stop=never, rounds=ROUNDS))

    for repair in found:
        assert list(complaints_about(struck, repair)) == []
    prices = [repair.price for repair in found]
    assert prices == sorted(set(prices), reverse=True)
    assert len(found[-1].unplaced) <= len(found[0].unplaced)


@for_random
def test_the_same_seed_gives_the_same_repairs(rng: Random) -> None:
    struck = some_disruption(rng)
    if struck is None:
        return
    seed = rng.randrange(99)

    once, again = (
        list(improve(struck.shock, seed=seed, stop=never, rounds=ROUNDS)) for _ in range(2)
    )

    assert once == again


@for_random
def test_a_session_alone_gets_its_cheapest_place(rng: Random) -> None:
    struck = random_disruption(rng, patients=rng.randint(1, 3), steps=3)
    if struck is None or len(struck.shock.courses) > 1:
        return
    if len(struck.shock.courses[0].affected) > 1:
        return

    repair, cheapest = first(struck.shock), cheapest_alone(struck)

    assert repair.price == (UNPLACED if cheapest is None else cheapest)


@for_random
def test_a_known_repair_is_never_made_worse(rng: Random) -> None:
    struck = some_disruption(rng)
    if struck is None:
        return
    known = best_of(struck, rng)
    if any(change.follows for change in known.changes.values()):
        return

    assert first(struck.shock, known=known).price <= known.price


@for_random
def test_a_pin_stays_where_it_is_put(rng: Random) -> None:
    struck = some_disruption(rng)
    if struck is None:
        return
    repair = first(struck.shock)
    if not repair.changes:
        return
    key = rng.choice(sorted(repair.changes))
    others = alternatives(struck.shock, repair, key)
    if not others:
        return
    wanted = rng.choice(others).session.start
    pinned = replace(struck.shock, pins={key: Pin(wanted)})

    for found in islice(improve(pinned, stop=never, rounds=ROUNDS), 5):
        assert list(complaints_about(struck, found)) == []
        assert key not in found.changes or found.changes[key].session.start == wanted


@for_random
def test_each_alternative_keeps_every_rule(rng: Random) -> None:
    struck = some_disruption(rng)
    if struck is None:
        return
    repair = first(struck.shock)
    for key in sorted(repair.changes.keys() | repair.unplaced):
        for place in alternatives(struck.shock, repair, key):
            change = Change(place.session, place.price)
            other = Repair({**repair.changes, key: change}, repair.unplaced - {key})

            assert list(complaints_about(struck, other)) == []


def some_disruption(rng: Random) -> Struck | None:
    return random_disruption(rng, patients=rng.randint(2, 6), steps=rng.randint(2, 5))


def best_of(struck: Struck, rng: Random) -> Repair:
    found = list(improve(struck.shock, seed=rng.randrange(9), stop=never, rounds=ROUNDS))
    return found[-1]


def never() -> bool:
    return False


def test_a_talk_that_follows_its_treatment_is_never_put_on_the_same_day() -> None:
    struck = some_disruption(Random(4058))
    assert struck is not None
    assert list(complaints_about(struck, first(struck.shock))) == []
