"""Which units a session gets."""

from __future__ import annotations

from scheduling.core.assign import assign
from scheduling.core.service import Requirement
from tests.core.small_clinic import at, availability, service, taken, unit

INFUSION = service(
    "infusion",
    60,
    Requirement("chair", 0, 75),
    Requirement("nurse", 0, 30),
    Requirement("nurse", 30, 60),
    Requirement("nurse", 0, 60, present=True),
)


def test_the_chair_that_fits_between_its_neighbours_is_taken() -> None:
    free = availability(
        [unit("chair1"), unit("chair2"), unit("nurse1")],
        [taken("chair2", 0, "09:00", "10:00"), taken("chair2", 0, "11:15", "12:00")],
    )

    bound = assign(free, INFUSION, at(0, "10:00"))

    assert bound is not None
    assert bound[0].unit == "chair2"
    assert (bound[0].start, bound[0].end) == (at(0, "10:00"), at(0, "11:15"))


def test_one_nurse_stays_across_phases_where_one_can() -> None:
    free = availability(
        [unit("nurse1"), unit("nurse2"), unit("chair1")],
        [taken("nurse1", 0, "09:30", "10:00")],
    )

    bound = assign(free, INFUSION, at(0, "09:00"))

    assert bound is not None
    assert [one.unit for one in bound] == ["chair1", "nurse2", "nurse2", "nurse2"]
    assert [one.lanes for one in bound] == [1, 1, 1, 0]


def test_a_handover_where_nobody_can_stay() -> None:
    free = availability(
        [unit("nurse1"), unit("nurse2", opens="09:30-12:00"), unit("chair1")],
        [taken("nurse1", 0, "09:30", "10:00")],
    )

    bound = assign(free, INFUSION, at(0, "09:00"))

    assert bound is not None
    assert [one.unit for one in bound if one.lanes] == ["chair1", "nurse1", "nurse2"]


def test_the_preferred_unit_comes_first_and_the_allowed_bind() -> None:
    talk = service("talk", 60, "therapist")
    free = availability([unit("therapist1"), unit("therapist2")])

    chosen = assign(free, talk, at(0, "09:00"), prefer={"therapist": "therapist2"})
    barred = assign(free, talk, at(0, "09:00"), allowed={"therapist": frozenset({"therapist3"})})

    assert chosen is not None
    assert chosen[0].unit == "therapist2"
    assert barred is None


def test_a_person_with_two_roles_is_spared_for_the_one_only_she_can_fill() -> None:
    pair = service("pair", 60, "nurse", "prescriber")
    free = availability([unit("anna", "nurse", "prescriber"), unit("nurse1")])

    bound = assign(free, pair, at(0, "09:00"))

    assert bound is not None
    assert [one.unit for one in bound] == ["nurse1", "anna"]


def test_alone_takes_every_lane() -> None:
    first = service("first", 60, Requirement("nurse", 0, 60, alone=True))
    free = availability([unit("nurse1", capacity=2)])

    bound = assign(free, first, at(0, "09:00"))

    assert bound is not None
    assert bound[0].lanes == 2


def test_nothing_is_bound_where_nothing_is_free_or_off_the_calendar() -> None:
    free = availability([unit("nurse1")])
    watch = service("watch", 60, "nurse")

    assert assign(free, watch, at(0, "11:05")) is None
    assert assign(free, watch, at(0, "09:00") - 400 * 86400) is None
