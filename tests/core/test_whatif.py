"""The coming weeks, played as the clinic is and as it could be."""

from __future__ import annotations

from benchmarks import clinics, courses
from scheduling.core.availability import Availability
from scheduling.core.clinic import Booking
from scheduling.core.grid import DayGrid
from scheduling.core.whatif import Addition, demand, play, with_additions

WORKDAYS = frozenset({1, 2, 3, 4, 5})


def clinic(load: float = 0.85) -> Availability:
    made = clinics.clinic("small", load)
    return Availability(DayGrid(made.zone, made.first, made.days), made.units, made.bookings)


def test_more_of_the_bottleneck_places_more_and_nothing_is_changed() -> None:
    made = clinic()
    arrivals = demand([(courses.course(8), 1.0)], grid=made.grid, first_day=1, weeks=4, most=6)
    more = [
        Addition(role, 1, WORKDAYS, 8 * 60, 17 * 60, capacity, person=role != "infusion_chair")
        for role, capacity in (("infusion_chair", 1), ("nurse", 2), ("prescriber", 1))
    ]
    before = made.load("nurse-1", 0, 27)

    now = play(made, arrivals, first_day=1, weeks=4)
    then = play(with_additions(made, more), arrivals, first_day=1, weeks=4)

    assert len(now.waits) == len(then.waits) == len(arrivals) > 0
    assert then.placed >= now.placed
    assert (then.median_wait or 0) <= (now.median_wait or 999)
    assert made.load("nurse-1", 0, 27) == before
    assert all(0 <= share <= 1 for shares in then.used.values() for share in shares)
    assert then.used["nurse"][0] != now.used["nurse"][0]


def test_the_same_question_has_the_same_answer() -> None:
    made = clinic(0.3)
    asked = [
        demand([(courses.course(8), 2.0)], grid=made.grid, first_day=1, weeks=2, most=3)
        for _ in range(2)
    ]
    first, second = (play(made, arrivals, first_day=1, weeks=2) for arrivals in asked)
    assert first == second


def test_no_more_patients_are_played_than_there_is_time_for() -> None:
    made = clinic(0.3)
    arrivals = demand([(courses.course(8), 9.0)], grid=made.grid, first_day=1, weeks=8, most=5)
    assert len(arrivals) == 5
    asked = iter([True, True, False])
    assert len(play(made, arrivals, first_day=1, weeks=8, go_on=lambda: next(asked)).waits) == 2


def test_what_is_added_is_taken_and_what_is_taken_away_is_free() -> None:
    made = clinic(0.6)
    grid = made.grid
    rows = [
        Booking("nurse-1", grid.instant(day, 120 + 7 * n), grid.instant(day, 140 + 9 * n))
        for day in (1, 2, 8)
        for n in range(2)
    ]
    more = made.taking(rows)

    assert more.load("nurse-1", 0, 20)[1] >= made.load("nurse-1", 0, 20)[1]
    assert (
        more.without(rows)._planes["nurse-1"][: len(made._planes["nurse-1"])]
        == (made._planes["nurse-1"])
    )
    assert not any(more.without(rows)._planes["nurse-1"][len(made._planes["nurse-1"]) :])
