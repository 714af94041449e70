"""Start masks against plain counting, for random clinics around clock changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest

from scheduling.core.availability import Availability
from scheduling.core.clinic import Booking
from scheduling.core.course import DayLimits
from scheduling.core.grid import DayGrid
from scheduling.core.lanes import LaneRow, choose_lanes
from scheduling.core.openings import openings
from scheduling.core.service import Service
from tests.core.oracle.case import Case
from tests.core.oracle.checker import too_near_other_treatment, wrong_time
from tests.core.oracle.enumerate import joint
from tests.core.oracle.ledger import Ledger
from tests.core.oracle.random_cases import tiny_case
from tests.core.oracle.seeds import for_random

pytestmark = pytest.mark.soak


@for_random
def test_the_starts_offered_are_those_at_which_everything_is_free(rng: Random) -> None:
    case = as_single_visits(tiny_case(rng))

    for step, service in one_step_per_service(case):
        offered = offered_starts(availability_of(case), case, service)
        assert offered == welcome(case, step, joint(case, ledger_of(case), step))


@for_random
def test_a_view_without_bookings_is_as_if_they_had_never_been(rng: Random) -> None:
    case = tiny_case(rng)
    freed = [row for row in case.bookings if rng.random() < 0.4]
    left = [row for row in case.bookings if row not in freed]
    freed = [row for row in case.bookings if row not in left]
    availability = availability_of(case)
    before = all_starts(availability, case)

    view = availability.without(freed)

    assert all_starts(view, case) == all_starts(availability_of(case, left), case)
    assert all_starts(availability, case) == before


@for_random
def test_replacing_what_is_taken_equals_starting_afresh(rng: Random) -> None:
    case = tiny_case(rng)
    other = tiny_case(rng)
    unit = rng.choice(case.units)
    first, last = sorted((rng.randrange(case.days), rng.randrange(case.days)))
    low = case.midnight(case.first.toordinal() + first)
    high = case.midnight(case.first.toordinal() + last + 1)
    kept = [row for row in case.bookings if row.unit != unit.id or not low <= row.start < high]
    shift = low - other.midnight(other.first.toordinal())
    fresh = [
        Booking(unit.id, row.start + shift, row.end + shift)
        for row in other.bookings
        if low <= row.start + shift and row.end + shift <= high
    ]
    availability = availability_of(case)
    all_starts(availability, case)  # fill the cache, so that it has something to bring current

    availability.replace(unit.id, first, last, fresh)

    assert all_starts(availability, case) == all_starts(
        availability_of(case, [*kept, *fresh]), case
    )


@for_random
def test_every_start_offered_by_counting_can_be_written_into_lanes(rng: Random) -> None:
    """Rows stand in lanes in some legal way; whatever the count allows, relabelling makes room."""
    capacity = rng.randint(1, 4)
    used = [0] * 40
    rows: list[LaneRow] = []
    for key in range(rng.randint(0, 30)):
        start = rng.randrange(39)
        end = min(40, start + rng.randint(1, 9))
        lanes = [
            lane
            for lane in range(capacity)
            if all(row.lane != lane or row.end <= start or end <= row.start for row in rows)
        ]
        if lanes:
            rows.append(LaneRow(key, start, end, rng.choice(lanes)))
            for slot in range(start, end):
                used[slot] += 1
    start = rng.randrange(39)
    end = min(40, start + rng.randint(1, 9))
    wanted = [(start, end)] * rng.randint(1, capacity)

    lanes_found = choose_lanes(capacity, rows, wanted)

    fits = all(used[slot] + len(wanted) <= capacity for slot in range(start, end))
    assert (lanes_found is not None) == fits
    if lanes_found is not None:
        final = [(row.start, row.end, lanes_found.moved.get(row.key, row.lane)) for row in rows]
        final += [(*span, lane) for span, lane in zip(wanted, lanes_found.chosen, strict=True)]
        taken = [(slot, lane) for low, high, lane in final for slot in range(low, high)]
        assert len(taken) == len(set(taken))
        assert all(0 <= lane < capacity for _, lane in taken)


def availability_of(case: Case, bookings: Iterable[Booking] | None = None) -> Availability:
    grid = DayGrid(case.zone, case.first, case.days)
    return Availability(grid, case.units, case.bookings if bookings is None else bookings)


def ledger_of(case: Case) -> Ledger:
    return Ledger(case.units, case.bookings)


def one_step_per_service(case: Case) -> list[tuple[str, Service]]:
    return [(step.id, step.service) for step in {s.service: s for s in case.course.steps}.values()]


def as_single_visits(case: Case) -> Case:
    """Openings are asked for outside any course: the clinic's own limits, no longer spacing, and
    no time fixed for some step."""
    return replace(
        case,
        limits=DayLimits(),
        course=replace(case.course, spacing_days=1),
        wishes=replace(case.wishes, fixed={}),
    )


def offered_starts(availability: Availability, case: Case, service: Service) -> list[int]:
    """Through the public door; a role of continuity is one person for the whole session."""
    found = openings(
        availability,
        service,
        first_day=0,
        last_day=case.days - 1,
        wishes=case.wishes,
        patient=case.patient,
    )
    return [opening.start for opening in found]


def all_starts(availability: Availability, case: Case) -> list[int]:
    return [availability.start_mask(service) for service in {s.service for s in case.course.steps}]


def welcome(case: Case, step: str, starts: Iterable[int]) -> list[int]:
    return [
        start
        for start in starts
        if not any(wrong_time(case, step, start))
        and not any(too_near_other_treatment(case, step, case.day(start)))
    ]
