"""Which lane of a unit each reservation takes.

Lanes carry no meaning, so reservations may be relabelled: colouring intervals in the order of
their starts needs no more lanes than are ever in use at once. What the planner offers by counting
can therefore always be written.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A reservation as it stands: `key` names it, the period is half-open (POSIX seconds).

    `fixed`: it may not be relabelled, as its period reaches out of what the caller has read.
    """

    key: Hashable
    start: int
    end: int
    lane: int
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Lanes:
    """A lane for each wanted period, in its order; `moved` gives existing rows another lane."""

    chosen: tuple[int, ...]
    moved: dict[Hashable, int]


def choose_lanes(
    capacity: int, rows: Iterable[LaneRow], wanted: Sequence[tuple[int, int]]
) -> Lanes | None:
    """Lanes for all `wanted` periods, relabelling `rows` only where no lane is free throughout.

    None where the periods together ask for more than `capacity` lanes at some moment.
    """
    rows = list(rows)
    return _beside(capacity, rows, wanted) or _relabelled(capacity, rows, wanted)


def _beside(capacity: int, rows: list[LaneRow], wanted: Sequence[tuple[int, int]]) -> Lanes | None:
    busy: list[list[tuple[int, int]]] = [[] for _ in range(capacity)]
    for row in rows:
        if row.lane >= capacity:
            return None  # the unit has shrunk; only counting can tell what still fits
        busy[row.lane].append((row.start, row.end))
    chosen = []
    for start, end in wanted:
        for lane, periods in enumerate(busy):
            if all(end <= low or start >= high for low, high in periods):
                periods.append((start, end))
                chosen.append(lane)
                break
        else:
            return None
    return Lanes(tuple(chosen), {})


def _relabelled(
    capacity: int, rows: list[LaneRow], wanted: Sequence[tuple[int, int]]
) -> Lanes | None:
    """Greedy by start: whichever free lane is taken, the next period finds one if counting says so.

    A row keeps its own lane where that is free, so few rows change.
    """
    lines: list[tuple[int, int, LaneRow | int]] = [(row.start, row.end, row) for row in rows]
    lines += [(start, end, index) for index, (start, end) in enumerate(wanted)]
    lines.sort(key=lambda line: (line[0], isinstance(line[2], int), line[1]))
    free_from = [-1] * capacity
    chosen, moved = [0] * len(wanted), {}
    for start, end, who in lines:
        free = [lane for lane in range(capacity) if free_from[lane] <= start]
        if not free:
            return None
        if isinstance(who, int):
            lane = chosen[who] = free[0]
        else:
            lane = who.lane if who.lane in free else free[0]
            if lane != who.lane:
                if who.fixed:
                    return None
                moved[who.key] = lane
        free_from[lane] = end
    return Lanes(tuple(chosen), moved)
