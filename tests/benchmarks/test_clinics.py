"""The seeded clinics are what the measurements take them for."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from benchmarks import clinics, courses
from benchmarks.baseline import step_by_step
from scheduling.core.availability import Availability
from scheduling.core.grid import DayGrid
from scheduling.core.openings import openings
from scheduling.core.planner import best
from tests.core.oracle.case import Case
from tests.core.oracle.ledger import Ledger


def test_a_seed_makes_the_same_clinic_again() -> None:
    again = clinics.clinic.__wrapped__("small", 0.6, seed=3)

    assert again == clinics.clinic("small", 0.6, seed=3)
    assert again != clinics.clinic("small", 0.6, seed=4)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.85])
def test_the_load_is_the_share_of_a_jammed_day_that_stays(load: float) -> None:
    made = clinics.clinic("medium", load)
    weeks: dict[int, list[float]] = {}
    for on, jammed, stayed in made.shares:
        weeks.setdefault((on - clinics.FIRST).days // 7, []).append(stayed / jammed)
    share = {week: sum(values) / len(values) for week, values in weeks.items()}

    assert share[0] == pytest.approx(1.10 * load, abs=0.01)
    assert share[11] == pytest.approx(0.90 * load, abs=0.01)
    assert share[20] == pytest.approx(0.60 * load, abs=0.01)


def test_at_85_per_cent_load_a_quarter_of_the_minutes_is_free_but_rarely_all_together() -> None:
    made = clinics.clinic("medium", 0.85)
    availability = availability_of(made)
    first_dose = openings(availability, courses.FIRST_INFUSION, first_day=0, last_day=83)

    assert utilisation(made, "infusion_chair") == pytest.approx(0.66, abs=0.05)
    assert utilisation(made, "nurse") == pytest.approx(0.74, abs=0.05)
    assert utilisation(made, "therapist") == pytest.approx(0.72, abs=0.05)
    assert len({availability.grid.locate(opening.start)[0] for opening in first_dose}) < 15


@pytest.mark.parametrize("size", ["small", "medium"])
def test_no_unit_is_booked_beyond_its_lanes_or_hours(size: str) -> None:
    made = clinics.clinic(size, 0.95)
    ledger = Ledger(made.units, made.bookings)

    assert all(
        lanes <= ledger.units[unit].capacity and slot in ledger.open[unit]
        for (unit, slot), lanes in ledger.used.items()
    )


def test_booking_step_by_step_runs_into_dead_ends_where_a_plan_exists() -> None:
    """At 85 % load; otherwise the instances would be too easy to say anything."""
    made = clinics.clinic("medium", 0.85)
    availability = availability_of(made)
    outcomes: Counter[str] = Counter()
    for number in range(30):
        wishes, start_by = clinics.wishes(Random(number))
        case = Case(
            made.zone,
            made.first,
            made.days,
            made.units,
            made.bookings,
            courses.course(14, start_by=start_by),
            wishes,
        )
        if best(availability, case.course, wishes).proposals:
            starts = {
                step.service.slug: [
                    opening.start
                    for opening in openings(
                        availability, step.service, first_day=0, last_day=made.days, wishes=wishes
                    )
                ]
                for step in case.course.steps
            }
            booked = step_by_step(case, starts)
            outcomes["dead end" if booked is None else "booked"] += 1

    assert outcomes.total() >= 10
    assert outcomes["dead end"] / outcomes.total() > 0.8, outcomes


def availability_of(made: clinics.Clinic) -> Availability:
    return Availability(DayGrid(made.zone, made.first, made.days), made.units, made.bookings)


def utilisation(made: clinics.Clinic, role: str) -> float:
    """Share of open lane minutes taken in the first twelve weeks."""
    until = made.bookings[0].start + 12 * 7 * 86400
    units = {unit.id: unit for unit in made.units if role in unit.roles}
    offered = sum(
        unit.capacity * (end - start)
        for unit in units.values()
        for start, end in unit.opens
        if start < until
    )
    taken = [row for row in made.bookings if row.unit in units and row.start < until]
    return sum(row.end - row.start for row in taken) / offered
