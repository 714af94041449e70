"""Free starts of one service, and who can give them."""

from __future__ import annotations

from scheduling.core.openings import openings
from scheduling.core.service import Requirement
from scheduling.core.wishes import PatientTime, Wishes
from tests.core.small_clinic import MONDAY, at, availability, clock, service, taken, unit

TALK = service("talk", 60, Requirement("therapist", 0, 60, speaks=True), continuity="therapist")
TEAM = [
    unit("therapist1", opens="09:00-10:05", languages=frozenset({"en"})),
    unit("therapist2", opens="09:05-10:10", languages=frozenset({"es"})),
]


def test_each_start_names_everybody_who_could_give_it() -> None:
    found = openings(availability(TEAM), TALK, first_day=0, last_day=0)

    assert [(clock(one.start)[1], [name for _, name in one.units]) for one in found] == [
        ("09:00", ["therapist1"]),
        ("09:05", ["therapist1", "therapist2"]),
        ("09:10", ["therapist2"]),
    ]
    assert found[0].end == at(0, "10:00")


def test_one_person_asked_for() -> None:
    found = openings(availability(TEAM), TALK, first_day=0, last_day=0, unit="therapist2")

    assert [clock(one.start)[1] for one in found] == ["09:05", "09:10"]


def test_a_shared_language_is_hard() -> None:
    spanish = Wishes(MONDAY, languages=frozenset({"es"}))

    found = openings(availability(TEAM), TALK, first_day=0, last_day=0, wishes=spanish)

    assert {unit for one in found for unit in one.units} == {("therapist", "therapist2")}


def test_the_patients_own_time_keeps_its_break() -> None:
    busy = PatientTime(busy=((at(0, "08:00"), at(0, "08:55")),))

    found = openings(availability(TEAM), TALK, first_day=0, last_day=0, patient=busy)

    assert [clock(one.start)[1] for one in found] == ["09:05", "09:10"]


def test_a_handover_makes_a_start_that_no_single_nurse_can_give() -> None:
    infusion = service("infusion", 60, Requirement("nurse", 0, 30), Requirement("nurse", 30, 60))
    free = availability([unit("nurse1", opens="09:00-09:30"), unit("nurse2", opens="09:30-10:00")])

    (only,) = openings(free, infusion, first_day=0, last_day=0)

    assert (clock(only.start)[1], only.units) == ("09:00", ())


def test_days_are_both_included_and_cut_at_the_horizon() -> None:
    free = availability(TEAM, [taken("therapist1", 0, "09:00", "10:05")])

    found = openings(free, TALK, first_day=-5, last_day=1)

    assert [clock(one.start) for one in found] == [
        (0, "09:05"),
        (0, "09:10"),
        (1, "09:00"),
        (1, "09:05"),
        (1, "09:10"),
    ]
