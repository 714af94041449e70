"""When a service can start: joint requirements, choices, lanes, handovers; and staying fresh."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from scheduling.core.clinic import Booking
from scheduling.core.service import Requirement
from tests.core.small_clinic import MONDAY, at, availability, service, starts, taken, unit

HOUR = service("talk", 60, "therapist", "room")


def test_all_requirements_must_hold_together() -> None:
    free = availability(
        [unit("therapist1"), unit("room1")],
        [taken("therapist1", 0, "09:00", "10:30"), taken("room1", 0, "11:35", "12:00")],
    )

    assert starts(free, HOUR, 0) == ["10:30", "10:35"]


def test_any_unit_of_the_role_will_do() -> None:
    free = availability(
        [unit("therapist1"), unit("therapist2"), unit("room1")],
        [taken("therapist1", 0, "09:00", "12:00"), taken("therapist2", 0, "10:00", "11:00")],
    )

    assert starts(free, HOUR, 0) == ["09:00", "11:00"]
    assert starts(free, HOUR, 0, allowed={"therapist": frozenset({"therapist1"})}) == []


def test_one_unit_serves_a_requirement_throughout_but_phases_may_be_handed_over() -> None:
    nurses = [unit("nurse1", opens="09:00-10:00"), unit("nurse2", opens="10:00-11:00")]
    throughout = service("infusion", 120, "nurse")
    by_phase = service("infusion", 120, Requirement("nurse", 0, 60), Requirement("nurse", 60, 120))

    assert starts(availability(nurses), throughout, 0) == []
    assert starts(availability(nurses), by_phase, 0) == ["09:00"]


def test_a_nurse_of_two_lanes_watches_two_chairs_but_not_three_and_alone_asks_for_all() -> None:
    nurse = unit("nurse1", opens="09:00-11:00", capacity=2)
    watch = service("infusion", 60, "nurse")
    first_dose = service("first", 60, Requirement("nurse", 0, 60, alone=True))
    one = availability([nurse], [taken("nurse1", 0, "09:00", "10:00")])
    two = availability([nurse], [taken("nurse1", 0, "09:00", "10:00")] * 2)

    assert starts(one, watch, 0)[0] == "09:00"
    assert starts(one, first_dose, 0) == ["10:00"]
    assert starts(two, watch, 0) == ["10:00"]


def test_two_of_a_role_at_once_are_two_people_even_when_one_has_two_roles() -> None:
    pair = service("pair", 60, "nurse", "prescriber")
    both = unit("anna", "nurse", "prescriber", opens="09:00-10:00")

    assert starts(availability([both]), pair, 0) == []
    assert starts(availability([both, unit("nurse1", opens="09:00-10:00")]), pair, 0) == ["09:00"]


def test_present_needs_a_shift_and_no_lane() -> None:
    watched = service("infusion", 60, "nurse", Requirement("prescriber", 0, 60, present=True))
    team = [unit("nurse1", opens="09:00-10:00"), unit("prescriber1")]

    assert starts(availability(team, [taken("prescriber1", 0, "09:00", "12:00")]), watched, 0) == [
        "09:00"
    ]
    assert starts(availability(team[:1]), watched, 0) == []


def test_a_qualification_counts_until_its_last_day() -> None:
    nurse = unit("nurse1", opens="09:00-10:00", qualifications={"acls": MONDAY.toordinal() + 1})
    skilled = service("infusion", 60, Requirement("nurse", 0, 60, qualification="acls"))
    free = availability([nurse])

    assert [starts(free, skilled, day) for day in (0, 1, 2)] == [["09:00"], ["09:00"], []]


def test_turnover_keeps_the_chair_but_not_the_patient_within_the_day() -> None:
    infusion = service("infusion", 60, Requirement("chair", 0, 75))
    free = availability([unit("chair1", opens="09:00-10:20")])

    assert starts(free, infusion, 0) == ["09:00", "09:05"]


def test_a_session_never_runs_into_the_next_day() -> None:
    night = availability([unit("nurse1", opens="00:00-24:00")])

    assert starts(night, service("long", 60, "nurse"), 0)[-1] == "23:00"


def test_a_change_to_one_unit_reaches_every_mask_and_equals_a_fresh_build() -> None:
    random = Random(5)
    units = [unit("therapist1"), unit("therapist2", capacity=2), unit("room1"), unit("room2")]

    def booking(name: str) -> Booking:
        start = at(random.randrange(5), "09:00") + 300 * random.randrange(30)
        return Booking(name, start, start + 300 * random.randrange(1, 12))

    rows = {one.id: [booking(one.id) for _ in range(6)] for one in units}
    free = availability(units, [row for some in rows.values() for row in some])
    free.start_mask(HOUR)
    for _ in range(40):
        name = random.choice(list(rows))
        day = random.randrange(5)
        low, high = at(day, "00:00"), at(day + 1, "00:00")
        kept = [row for row in rows[name] if not low <= row.start < high]
        new = [row for row in (booking(name) for _ in range(8)) if low <= row.start < high]
        rows[name] = kept + new
        free.replace(name, day, day, new)

        fresh = availability(units, [row for some in rows.values() for row in some])
        assert free.start_mask(HOUR) == fresh.start_mask(HOUR)


def test_new_hours_reach_the_mask() -> None:
    free = availability([unit("therapist1", opens="09:00-10:00"), unit("room1")])
    assert starts(free, HOUR, 0) == ["09:00"]

    free.set_unit(unit("therapist1", opens="10:00-11:00"))
    assert starts(free, HOUR, 0) == ["10:00"]

    free.set_unit(replace(unit("therapist1", opens="10:00-11:00"), roles=frozenset({"coach"})))
    assert starts(free, HOUR, 0) == []


def test_without_frees_one_lane_in_a_view_and_leaves_the_original_alone() -> None:
    mine = taken("nurse1", 0, "09:00", "10:00")
    free = availability([unit("nurse1", opens="09:00-10:00", capacity=2)], [mine, mine])
    watch = service("infusion", 60, "nurse")
    first_dose = service("first", 60, Requirement("nurse", 0, 60, alone=True))

    view = free.without([mine])

    assert starts(view, watch, 0) == ["09:00"]
    assert starts(view, first_dose, 0) == []
    assert starts(view.without([mine]), first_dose, 0) == ["09:00"]
    assert starts(free, watch, 0) == []
