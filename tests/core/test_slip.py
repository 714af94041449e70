"""A delay on the day: what slips, who waits, and in which order it harms least."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from scheduling.core.slip import Need, Visit, comes_late, runs_over, slipping

MINUTE = 60
HOUR = 60 * MINUTE
CAPACITY = {"chair1": 1, "chair2": 1, "nurse": 2, "room": 1}


def visit(
    name: str, start: int, minutes: int = 60, *units: str | tuple[str, ...], **more: object
) -> Visit:
    """A visit at so many minutes after nine, of units; a tuple names others that would do."""
    needs = tuple(
        Need((one,) if isinstance(one, str) else one, 0, minutes * MINUTE)
        for one in units or ("room",)
    )
    begin = start * MINUTE
    return Visit(name, begin, minutes, needs, begin, patient=name, **more)  # type: ignore[arg-type]


def at(outcome: object) -> dict[str, tuple[int, int]]:
    """New start and wait, in minutes."""
    return {one.id: (one.after // MINUTE, one.wait) for one in outcome.slips}  # type: ignore[attr-defined]


def put_right(*visits: Visit, closes: int = 480) -> object:
    return slipping(visits, capacity=CAPACITY, closes=dict.fromkeys(CAPACITY, closes * MINUTE))


def test_where_there_is_room_nothing_slips() -> None:
    running = runs_over(visit("a", 0), 15)

    assert at(put_right(running, visit("b", 90))) == {}


def test_who_comes_next_waits() -> None:
    running = runs_over(visit("a", 0), 15)

    assert at(put_right(running, visit("b", 60), visit("c", 120))) == {
        "b": (75, 15),
        "c": (135, 15),
    }


def test_a_gap_swallows_the_delay() -> None:
    running = runs_over(visit("a", 0), 15)

    assert at(put_right(running, visit("b", 60), visit("c", 140))) == {"b": (75, 15)}


def test_a_free_chair_like_it_spares_the_wait() -> None:
    running = runs_over(visit("a", 0, 60, "chair1"), 30)
    following = visit("b", 60, 60, ("chair1", "chair2"))

    [slip] = put_right(running, following).slips  # type: ignore[attr-defined]

    assert (slip.after, slip.wait, slip.units) == (60 * MINUTE, 0, ("chair2",))


def test_a_late_patient_lets_the_next_go_first() -> None:
    late = comes_late(visit("a", 0, 60), 40)

    assert at(put_right(late, visit("b", 60, 30))) == {"a": (90, 50)}


def test_a_late_patient_who_still_fits_is_waited_for() -> None:
    late = comes_late(visit("a", 0, 30), 10)

    assert at(put_right(late, visit("b", 60, 30))) == {"a": (10, 0)}


def test_minutes_past_closing_are_said() -> None:
    running = runs_over(visit("a", 0), 15)

    [slip] = put_right(running, visit("b", 60), closes=120).slips  # type: ignore[attr-defined]

    assert slip.overtime == 15


def test_two_visits_of_one_patient_stay_apart() -> None:
    running = runs_over(visit("a", 0), 15)
    second = visit("b", 60, 60, "room")
    own = Visit("c", 120 * MINUTE, 30, (Need(("chair1",), 0, 1800),), 7200, patient="b")

    slips = at(put_right(running, second, own))

    assert slips["b"] == (75, 15)
    assert slips["c"][0] >= 135


SOME = st.lists(
    st.tuples(
        st.integers(0, 60), st.integers(2, 12), st.sampled_from(["chair1", "chair2", "room"])
    ),
    min_size=2,
    max_size=9,
)


@given(SOME, st.integers(1, 12), st.booleans())
def test_laws(day: list[tuple[int, int, str]], delay: int, over: bool) -> None:
    """No unit is used twice, nobody comes earlier than planned or than they are there, and what
    fits stays."""
    visits: list[Visit] = []
    for number, (start, length, unit) in enumerate(day):
        one = visit(str(number), start * 5, length * 5, unit)
        if all(other.needs[0].units != one.needs[0].units or apart(one, other) for other in visits):
            visits.append(one)
    change = runs_over if over else comes_late
    visits[0] = change(visits[0], delay * 5)
    outcome = slipping(visits, capacity=CAPACITY, closes={})

    slips = {one.id: one for one in outcome.slips}
    starts = {one.id: slips[one.id].after if one.id in slips else one.start for one in visits}
    assert all(starts[one.id] >= max(one.start, one.earliest) for one in visits if not one.fixed)
    for one, other in combinations(visits, 2):
        if one.needs[0].units == other.needs[0].units:
            low, high = sorted((one, other), key=lambda v: starts[v.id])
            assert starts[low.id] + low.needs[0].end <= starts[high.id]
    assert all(slips[key].wait >= 0 for key in slips)


def apart(one: Visit, other: Visit) -> bool:
    return one.start + one.needs[0].end <= other.start or (
        other.start + other.needs[0].end <= one.start
    )
