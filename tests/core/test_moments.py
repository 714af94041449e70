"""When questionnaires and forms are due: counted from where the sessions stand."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduling.core.moments import moments
from scheduling.core.protocol import Due, TaskTemplate
from scheduling.protocols.loading import load_library

DAYS = {f"inf.{n}": date(2026, 12, 1) + timedelta(days=3 * (n - 1)) for n in range(1, 7)}


def task(*due: Due) -> TaskTemplate:
    return TaskTemplate(id="phq9", title="PHQ-9", who="patient", due=due)


def test_one_session_or_each_session_of_a_step() -> None:
    one = moments([task(Due("inf.3", (-2, 0)))], DAYS)
    each = moments([task(Due("inf", (0, 0)))], DAYS)

    assert [(m.opens.day, m.closes.day) for m in one] == [(5, 7)]
    assert [m.opens for m in each] == sorted(DAYS.values())


def test_repeats_follow_each_other() -> None:
    monthly = moments([task(Due("inf.6", (28, 35), every=30, times=3))], DAYS)

    assert [(m.opens - DAYS["inf.6"]).days for m in monthly] == [28, 58, 88]
    assert len({m.key for m in monthly}) == 3


def test_what_hangs_on_a_session_that_does_not_stand_is_not_due() -> None:
    assert moments([task(Due("inf.7", (0, 0)), Due("maint", (0, 0)))], DAYS) == []


def test_the_course_for_depression_asks_when_its_protocol_says() -> None:
    protocol = load_library().protocols["trd_iv6"]
    patients = [one for one in protocol.tasks if one.who == "patient"]

    days = [(m.opens.isoformat(), m.closes.isoformat()) for m in moments(patients, DAYS)]

    assert days == [
        ("2026-11-24", "2026-12-01"),
        ("2026-12-05", "2026-12-07"),
        ("2026-12-17", "2026-12-23"),
        ("2026-12-30", "2027-01-16"),
    ]


@given(st.integers(-40, 40))
def test_a_moved_session_takes_its_forms_along_under_the_same_key(shift: int) -> None:
    asked = [task(Due("inf.3", (-2, 0)), Due("inf", (0, 0)))]
    moved = DAYS | {"inf.3": DAYS["inf.3"] + timedelta(days=shift)}

    before = {m.key: m for m in moments(asked, DAYS)}
    after = {m.key: m for m in moments(asked, moved)}

    assert before.keys() == after.keys()
    for key, moment in after.items():
        expected = timedelta(days=shift if moment.step == "inf.3" else 0)
        assert moment.opens - before[key].opens == expected
