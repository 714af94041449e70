"""Half-open periods `(start, end)` in POSIX seconds, as sorted tuples that neither overlap nor
touch. Every function takes any periods and returns them in that form; empty ones vanish."""

from __future__ import annotations

from collections.abc import Iterable

Period = tuple[int, int]
Periods = tuple[Period, ...]


def union(*sets: Iterable[Period]) -> Periods:
    """What lies in any of the sets."""
    merged: list[Period] = []
    for start, end in sorted(period for periods in sets for period in periods):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def intersect(first: Iterable[Period], second: Iterable[Period]) -> Periods:
    """What lies in both."""
    left, right = union(first), union(second)
    shared: list[Period] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            shared.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(shared)


def subtract(periods: Iterable[Period], taken: Iterable[Period]) -> Periods:
    """What lies in `periods` but not in `taken`."""
    left: list[Period] = []
    gone = union(taken)
    for start, end in union(periods):
        for gone_start, gone_end in gone:
            if gone_end <= start:
                continue
            if gone_start >= end:
                break
            if start < gone_start:
                left.append((start, gone_start))
            start = gone_end
        if start < end:
            left.append((start, end))
    return tuple(left)


def clip(periods: Iterable[Period], start: int, end: int) -> Periods:
    """What lies between `start` and `end`."""
    return intersect(periods, [(start, end)])
