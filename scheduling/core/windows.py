"""Day rules as a simple temporal network, and arc consistency on day bitsets.

Windows are closed under minimum and maximum, so arc consistency decides rules and calendars
together (Jeavons and Cooper 1995): when it leaves every task a day, the earliest days left form a
solution of the day rules. What it does not see is what happens within a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from scheduling.core.bits import smear
from scheduling.core.problem import DAY_ZERO, DayRule

Distances = tuple[tuple[int | None, ...], ...]


@lru_cache(maxsize=64)
def distances(count: int, rules: tuple[DayRule, ...]) -> Distances:
    """`distances[i][j]`: the least value of day[j] - day[i] that the rules imply, or None."""
    least: list[list[int | None]] = [[None] * count for _ in range(count)]
    for i in range(count):
        least[i][i] = 0

    def raise_to(i: int, j: int, value: int) -> None:
        known = least[i][j]
        if known is None or value > known:
            least[i][j] = value

    for rule in rules:
        if rule.anchor == DAY_ZERO:
            continue
        if rule.min is not None:
            raise_to(rule.anchor, rule.task, rule.min)
        if rule.max is not None:
            raise_to(rule.task, rule.anchor, -rule.max)
    for k in range(count):
        onward = [(j, d) for j, d in enumerate(least[k]) if d is not None]
        for i in range(count):
            first = least[i][k]
            if first is not None and i != k:
                for j, second in onward:
                    raise_to(i, j, first + second)
    return tuple(tuple(row) for row in least)


def narrowed(days: Sequence[int], rules: Sequence[DayRule]) -> list[int] | None:
    """Day bitsets reduced to arc consistency, or None where a task is left without a day."""
    days = list(days)
    touching: dict[int, list[DayRule]] = {}
    for rule in rules:
        if rule.anchor != DAY_ZERO:
            touching.setdefault(rule.anchor, []).append(rule)
            touching.setdefault(rule.task, []).append(rule)
    for rule in rules:
        if rule.anchor == DAY_ZERO:
            days[rule.task] &= _reachable(1, rule.min, rule.max, days[rule.task])
    if not all(days):
        return None
    waiting = dict.fromkeys(rule for rule in rules if rule.anchor != DAY_ZERO)
    while waiting:
        rule = next(iter(waiting))
        del waiting[rule]
        for task, other, low, high in (
            (rule.task, rule.anchor, rule.min, rule.max),
            (rule.anchor, rule.task, _minus(rule.max), _minus(rule.min)),
        ):
            left = _reachable(days[other], low, high, days[task])
            if left != days[task]:
                if not left:
                    return None
                days[task] = left
                waiting.update(dict.fromkeys(touching[task]))
    return days


def _minus(bound: int | None) -> int | None:
    return None if bound is None else -bound


def _reachable(anchors: int, low: int | None, high: int | None, within: int) -> int:
    """Days of `within` at a distance of `low` … `high` from some day of `anchors`."""
    if high is None and low is not None:
        first = (anchors & -anchors).bit_length() - 1 + low
        return within >> first << first if first > 0 else within
    if low is None and high is not None:
        last = anchors.bit_length() - 1 + high
        return within & ((1 << (last + 1)) - 1) if last >= 0 else 0
    if low is None or high is None:
        return within
    if high < low:
        return 0
    spread = smear(anchors, high - low + 1)
    return within & (spread << low if low >= 0 else spread >> -low)
