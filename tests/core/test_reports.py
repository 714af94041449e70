"""What the reports count."""

from __future__ import annotations

from scheduling.core.reports import (
    DAY,
    LEADS,
    Attendance,
    Visit,
    attendance,
    punctuality,
    utilisation,
    wait,
)

HOUR = 3600


def test_a_unit_is_used_for_the_share_of_its_open_lanes() -> None:
    opens = ((0, 8 * HOUR),)

    assert utilisation(opens, [(0, 4 * HOUR)], lanes=1) == 0.5
    assert utilisation(opens, [(0, 4 * HOUR), (0, 4 * HOUR)], lanes=2) == 0.5
    assert utilisation(opens, [(7 * HOUR, 9 * HOUR)], lanes=1) == 1 / 8
    assert utilisation((), [(0, HOUR)], lanes=1) is None


def test_visits_are_counted_by_how_far_ahead_they_were_booked() -> None:
    visits = [
        Visit("fulfilled", False, start=10 * DAY, booked=9 * DAY),
        Visit("noshow", False, start=10 * DAY, booked=8 * DAY),
        Visit("cancelled", True, start=10 * DAY, booked=3 * DAY),
        Visit("cancelled", False, start=40 * DAY, booked=0),
        Visit("booked", False, start=40 * DAY, booked=0),
    ]

    rows = attendance(visits)

    assert [row.lead for row in rows] == list(LEADS)
    assert rows[0] == Attendance((0, 2), 1, 1, 0, 0, 0)
    assert rows[1] == Attendance((2, 8), 2, 0, 1, 1, 0)
    assert rows[1].missed == 1.0
    assert rows[4] == Attendance((29, None), 2, 0, 0, 0, 1)
    assert rows[2].missed is None


def test_a_session_is_on_time_within_ten_minutes() -> None:
    began = [
        Visit("fulfilled", False, start=0, booked=0, began=minutes * 60) for minutes in (-5, 10, 30)
    ]

    found = punctuality([*began, Visit("noshow", False, start=0, booked=0)])

    assert (found.began, found.on_time, found.median_minutes) == (3, 2, 10)
    assert punctuality([]).median_minutes is None


def test_what_the_clinic_cancelled_late_is_not_the_patients_doing() -> None:
    [row, *_] = attendance(
        [
            Visit("cancelled", True, start=DAY, booked=0, reason="clinic"),
            Visit("cancelled", True, start=DAY, booked=0, reason="unwell"),
            Visit("fulfilled", False, start=DAY, booked=0),
        ]
    )

    assert (row.cancelled, row.late_cancelled) == (1, 1)
    assert row.missed == 0.5


def test_what_lies_ahead_does_not_make_less_of_what_was_missed() -> None:
    [row, *_] = attendance(
        [
            Visit("noshow", False, start=DAY, booked=0),
            Visit("booked", False, start=DAY, booked=0),
        ]
    )

    assert (row.visits, row.missed) == (2, 1.0)


def test_the_wait_is_that_for_the_session_with_which_care_begins() -> None:
    waited = wait(
        [
            Visit("fulfilled", False, start=2 * DAY, booked=0, first=True),
            Visit("booked", False, start=9 * DAY, booked=0, first=True),
            Visit("booked", False, start=30 * DAY, booked=0),
            Visit("cancelled", False, start=40 * DAY, booked=0, first=True),
            Visit("fulfilled", False, start=0, booked=60, first=True),
        ]
    )

    assert (waited.visits, waited.median_days, waited.longest_days) == (3, 2, 9)
    assert wait([]).longest_days is None
