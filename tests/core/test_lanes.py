"""What counting offers can always be written, if need be by relabelling."""

from hypothesis import given
from hypothesis import strategies as st

from scheduling.core.lanes import LaneRow, choose_lanes

CAPACITY = 3
periods = st.tuples(st.integers(0, 40), st.integers(1, 10)).map(lambda p: (p[0], p[0] + p[1]))


def used_at_once(spans: list[tuple[int, int]]) -> int:
    return max((sum(low <= moment < high for low, high in spans) for moment, _ in spans), default=0)


def labelled(spans: list[tuple[int, int]]) -> list[LaneRow]:
    """Rows as they may stand: every span that found a lane free when it came."""
    rows: list[LaneRow] = []
    for start, end in spans:
        for lane in range(CAPACITY):
            clash = any(row.lane == lane and row.start < end and start < row.end for row in rows)
            if not clash:
                rows.append(LaneRow(len(rows), start, end, lane))
                break
    return rows


@given(st.lists(periods, max_size=25), st.lists(periods, min_size=1, max_size=3))
def test_lanes_are_found_exactly_when_counting_says_so(before, wanted) -> None:
    rows = labelled(before)
    spans = [(row.start, row.end) for row in rows] + wanted

    lanes = choose_lanes(CAPACITY, rows, wanted)

    assert (lanes is not None) == (used_at_once(spans) <= CAPACITY)
    if lanes is not None:
        after = [(lanes.moved.get(row.key, row.lane), row.start, row.end) for row in rows]
        after += [(lane, *span) for lane, span in zip(lanes.chosen, wanted, strict=True)]
        for index, (lane, start, end) in enumerate(after):
            assert 0 <= lane < CAPACITY
            for other, low, high in after[:index]:
                assert lane != other or end <= low or high <= start


def test_rows_are_relabelled_only_where_no_lane_is_free_throughout() -> None:
    early, late = LaneRow("early", 0, 10, 0), LaneRow("late", 10, 20, 1)

    assert choose_lanes(2, [early, late], [(20, 30)]).moved == {}
    relabelled = choose_lanes(2, [early, late], [(5, 15)])
    assert relabelled.moved == {"late": 0}
    assert relabelled.chosen == (1,)


def test_a_row_whose_neighbours_are_unknown_stays() -> None:
    early, late = LaneRow("early", 0, 10, 0), LaneRow("late", 10, 20, 1, fixed=True)

    assert choose_lanes(2, [early, late], [(5, 15)]) is None
