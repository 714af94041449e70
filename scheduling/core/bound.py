"""A lower bound on the cost of what is still to be placed: exact on a forest of the day rules.

Each task hangs on one earlier task (`Structure.parent`); along this forest the cheapest days follow
by dynamic programming. Left out are the other rules and the sharing of days: of the trips, only
those are charged that no sharing can save, the ones of the spine, and on days that the spine cannot
reach, one trip for all chains together.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from scheduling.core.bits import ones
from scheduling.core.problem import DAY_ZERO, Options, Problem
from scheduling.core.structure import Structure

NEVER = 1 << 30


@dataclass(frozen=True, slots=True)
class Bound:
    """For each task j and day d of its domain: `own[j][d]`, the part of the cost that the day alone
    decides; `below[j][d]`, the least cost of j on day d with all that hangs on it.

    `total` bounds the whole plan; `spared[j][d]` is how much more it costs with j on day d.
    """

    own: tuple[dict[int, int], ...]
    below: tuple[dict[int, int], ...]
    spared: tuple[dict[int, int], ...]
    total: int


def bound_of(
    problem: Problem, structure: Structure, options: Sequence[Options], domains: Sequence[int]
) -> Bound:
    """The bound for one variant on these day bitsets."""
    weight = problem.weights.target
    days = [list(ones(domain)) for domain in domains]
    own = _own_costs(problem, structure, days)
    charge = _charges(problem, structure, domains)
    below = [
        [options[j][day][0][0] + own[j][day] + charge[j].get(day, 0) for day in days[j]]
        for j in range(len(days))
    ]
    messages: dict[int, list[int]] = {}
    edges = {j: _edge(structure, j) for j in structure.sequence if structure.parent[j] >= 0}
    for j in reversed(structure.sequence):
        parent = structure.parent[j]
        if parent >= 0:
            low, high, targets = edges[j]
            message = _least(days[parent], days[j], below[j], low, high, targets, weight)
            messages[j] = message
            below[parent] = [a + b for a, b in zip(below[parent], message, strict=True)]
    roots = [j for j in structure.sequence if structure.parent[j] < 0]
    total = sum(min(below[j]) for j in roots)
    whole: dict[int, list[int]] = {}
    for j in structure.sequence:
        parent = structure.parent[j]
        if parent < 0:
            rest = total - min(below[j])
            whole[j] = [value + rest for value in below[j]]
            continue
        low, high, targets = edges[j]
        others = [a - b for a, b in zip(whole[parent], messages[j], strict=True)]
        back = _least(
            days[j],
            days[parent],
            others,
            None if high is None else -high,
            None if low is None else -low,
            [-target for target in targets],
            weight,
        )
        whole[j] = [a + b for a, b in zip(below[j], back, strict=True)]
    return Bound(
        own=tuple(own),
        below=tuple(dict(zip(days[j], below[j], strict=True)) for j in range(len(days))),
        spared=tuple(
            {day: value - total for day, value in zip(days[j], whole[j], strict=True)}
            for j in range(len(days))
        ),
        total=total,
    )


def _own_costs(
    problem: Problem, structure: Structure, days: Sequence[Sequence[int]]
) -> list[dict[int, int]]:
    own = [dict.fromkeys(row, 0) for row in days]
    for rule in problem.rules:
        if rule.anchor == DAY_ZERO and rule.target is not None:
            for day in own[rule.task]:
                own[rule.task][day] += problem.weights.target * abs(day - rule.target)
    for row, prices in zip(own, problem.day_price, strict=False):
        for day in row:
            row[day] += prices.get(day, 0)
    if structure.last >= 0:
        for day in own[structure.last]:
            own[structure.last][day] += problem.weights.finish * day
    return own


def _charges(
    problem: Problem, structure: Structure, domains: Sequence[int]
) -> list[dict[int, int]]:
    """Shares of the trip of each day, such that tasks on one day never bear more than one trip."""
    charges: list[dict[int, int]] = [{} for _ in domains]
    spine_days = 0
    for j in structure.spine:
        spine_days |= domains[j]
        charges[j] = dict.fromkeys(ones(domains[j]), problem.weights.trip)
    sharing: dict[int, int] = {}
    for chain in structure.chains:
        reached = 0
        for j in chain:
            reached |= domains[j]
        for day in ones(reached & ~spine_days):
            sharing[day] = sharing.get(day, 0) + 1
    for chain in structure.chains:
        for j in chain:
            charges[j] = {
                day: problem.weights.trip // sharing[day] for day in ones(domains[j] & ~spine_days)
            }
    return charges


def _edge(structure: Structure, j: int) -> tuple[int | None, int | None, list[int]]:
    links = [link for link in structure.links[j] if link[0] == structure.parent[j]]
    lows = [low for _, low, _, _ in links if low is not None]
    highs = [high for _, _, high, _ in links if high is not None]
    targets = [target for _, _, _, target in links if target is not None]
    return max(lows, default=None), min(highs, default=None), targets


def _least(
    anchors: Sequence[int],
    days: Sequence[int],
    values: Sequence[int],
    low: int | None,
    high: int | None,
    targets: Sequence[int],
    weight: int,
) -> list[int]:
    """For each anchor day, the least value plus distance from the targets over the window."""
    found = []
    suffix = list(values)
    if high is None and not targets:
        for index in range(len(suffix) - 2, -1, -1):
            suffix[index] = min(suffix[index], suffix[index + 1])
    for anchor in anchors:
        first = 0 if low is None else bisect_left(days, anchor + low)
        last = len(days) if high is None else bisect_right(days, anchor + high)
        if first >= last:
            found.append(NEVER)
        elif not targets:
            found.append(suffix[first] if high is None else min(values[first:last]))
        elif len(targets) == 1:
            aim = anchor + targets[0]
            found.append(min(values[k] + weight * abs(days[k] - aim) for k in range(first, last)))
        else:
            found.append(
                min(
                    values[k] + weight * sum(abs(days[k] - anchor - t) for t in targets)
                    for k in range(first, last)
                )
            )
    return found
