"""The days of a repair mean what the masks of the whole horizon mean."""

from __future__ import annotations

from random import Random

import pytest

from scheduling.core.availability import Availability
from scheduling.core.clinic import Booking
from scheduling.core.day_capacity import DayCapacity
from scheduling.core.grid import DayGrid
from scheduling.core.plan import Taken
from scheduling.core.pools import pools_for
from tests.core.oracle.random_cases import small_case
from tests.core.oracle.seeds import for_random
from tests.core.small_clinic import at, availability, service, unit

pytestmark = pytest.mark.soak


@for_random
def test_a_day_has_the_starts_that_the_horizon_has(rng: Random) -> None:
    case = small_case(rng)
    grid = DayGrid(case.zone, case.first, case.days)
    whole = Availability(grid, case.units, case.bookings)
    days = DayCapacity(whole)
    taken: list[Taken] = []
    for _ in range(6):
        one = rng.choice([unit for unit in case.units if unit.opens])
        start = rng.choice(one.opens)[0]
        free = Taken("any", one.id, start, start + 300 * rng.randint(1, 5))
        if taken and rng.random() < 0.4:
            gone = taken.pop(rng.randrange(len(taken)))
            whole = whole.without([Booking(gone.unit, gone.start, gone.end)])
            days.give_back([gone])
        elif not any(whole.taken_at(one.id, s) for s in range(free.start, free.end, 300)):
            whole = whole.taking([Booking(free.unit, free.start, free.end)])
            days.take([free])
            taken.append(free)
        for step in case.course.steps:
            pools = pools_for(whole.units, step.service)
            last = case.days - 1
            assert days.rows_of(step.service, pools, 0, last) == whole.rows_of(
                step.service, pools, 0, last
            )


def test_overtime_goes_on_from_the_end_of_the_day() -> None:
    days = DayCapacity(availability([unit("therapist1")]))
    talk = service("talk", 60, "therapist")
    kind = days.kind(talk, (("therapist1",),))
    slot = days.grid.locate(at(0, "12:00"))[1]

    assert not days.starts(kind, 0) >> slot & 1
    days.stretch(0, 12)

    assert days.starts(kind, 0) >> slot & 1
    assert not days.starts(kind, 0) >> (slot + 1) & 1
    assert not days.starts(kind, 1) >> slot & 1
