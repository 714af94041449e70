"""The algebra of periods against sets of minutes."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduling.core.intervals import Periods, clip, intersect, subtract, union

minutes = st.integers(0, 30)
any_periods = st.lists(st.tuples(minutes, minutes), max_size=6)


def as_set(periods: object) -> set[int]:
    return {minute for start, end in periods for minute in range(start, end)}  # type: ignore[attr-defined]


def is_canonical(periods: Periods) -> bool:
    """Sorted, none empty, none touching."""
    ends = [edge for period in periods for edge in period]
    return all(earlier < later for earlier, later in pairwise(ends))


@given(any_periods, any_periods)
def test_each_operation_is_the_one_on_sets(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    both, shared, left = union(first, second), intersect(first, second), subtract(first, second)
    assert as_set(both) == as_set(first) | as_set(second)
    assert as_set(shared) == as_set(first) & as_set(second)
    assert as_set(left) == as_set(first) - as_set(second)
    assert is_canonical(both)
    assert is_canonical(shared)
    assert is_canonical(left)


@given(any_periods, minutes, minutes)
def test_clip_agrees_with_sets(periods: list[tuple[int, int]], start: int, end: int) -> None:
    within = set(range(start, end))
    assert as_set(clip(periods, start, end)) == as_set(periods) & within


def test_touching_periods_become_one_and_empty_ones_vanish() -> None:
    assert union([(9, 12)], [(12, 15), (20, 20), (22, 21)]) == ((9, 15),)
    assert subtract([(9, 17)], [(12, 13)]) == ((9, 12), (13, 17))
