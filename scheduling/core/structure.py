"""What the rules of a problem fix before any calendar is looked at. Sets of tasks are bits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from scheduling.core.bits import ones
from scheduling.core.problem import DAY_ZERO, DayRule, Problem, Task
from scheduling.core.windows import Distances, distances

Link = tuple[int, int | None, int | None, int | None]
"""(other, min, max, target) of day[task] - day[other]."""


@dataclass(frozen=True, slots=True)
class Structure:
    """For each task j, in the order of the problem's tasks:

    - `before[j]`: tasks always on an earlier day; `not_after[j]`: on an earlier or the same day;
      `tied[j]`: always on the same day.
    - `clash[j]`: tasks never on the same day.
    - `links[j]`: its day rules, seen from j.
    - `spaced[j]`: treatments kept apart from j by the spacing alone, whichever comes first.
    - `parent[j]`: the linked task, never later than j, under which the lower bound hangs j; or -1.
    - `lasting[j]`: tasks whose window or price depends on j's day until they are placed;
      `passing[j]`: (task, days) that merely wait so many days after j.

    `sequence` lists parents before children. `spine` is a longest chain of tasks with a trip, no
    two of which can share a day; `chains` the same for the tasks left over. The price of finishing
    is charged to `last`, the latest of the `core` tasks as far as the rules tell (-1: no core).
    """

    before: tuple[int, ...]
    not_after: tuple[int, ...]
    tied: tuple[int, ...]
    clash: tuple[int, ...]
    links: tuple[tuple[Link, ...], ...]
    spaced: tuple[int, ...]
    parent: tuple[int, ...]
    sequence: tuple[int, ...]
    lasting: tuple[int, ...]
    passing: tuple[tuple[tuple[int, int], ...], ...]
    spine: tuple[int, ...]
    chains: tuple[tuple[int, ...], ...]
    last: int
    core: int


def structure_of(problem: Problem) -> Structure:
    """The structure; kept, since many searches share their tasks and rules."""
    return _structure(problem.tasks, problem.rules, problem.apart, problem.order, problem.spacing)


@lru_cache(maxsize=64)
def _structure(
    tasks: tuple[Task, ...],
    rules: tuple[DayRule, ...],
    apart: frozenset[tuple[int, int]],
    order: frozenset[tuple[int, int]],
    spacing: int,
) -> Structure:
    far = distances(len(tasks), rules)
    everyone = range(len(tasks))
    before = [_bits(i for i in everyone if i != j and _least(far, i, j, 1)) for j in everyone]
    not_after = [_bits(i for i in everyone if i != j and _least(far, i, j, 0)) for j in everyone]
    tied = [_bits(i for i in ones(not_after[j]) if not_after[i] >> j & 1) for j in everyone]
    links = _links(len(tasks), rules)
    spaced = [0] * len(tasks)
    clash = [before[j] | _bits(i for i in everyone if before[i] >> j & 1) for j in everyone]
    for i, j in apart | (order & {(j, i) for i, j in order}):
        clash[i] |= 1 << j
        clash[j] |= 1 << i
    treatments = [j for j in everyone if tasks[j].treatment] if spacing > 0 else []
    for i in treatments:
        for j in treatments:
            if i != j:
                clash[j] |= 1 << i
                if not (_least(far, i, j, spacing) or _least(far, j, i, spacing)):
                    spaced[j] |= 1 << i
    parent = _parents(links, far)
    sequence: list[int] = []
    while len(sequence) < len(tasks):
        sequence.extend(j for j in everyone if j not in sequence and parent[j] in (-1, *sequence))
    core = [j for j in everyone if tasks[j].core]
    last = max(core, key=lambda j: (max(far[i][j] or 0 for i in core), j), default=-1)
    lasting = [0] * len(tasks)
    passing: list[list[tuple[int, int]]] = [[] for _ in everyone]
    for i in everyone:
        for j, low, high, target in links[i]:
            if high is not None or target is not None:
                lasting[j] |= 1 << i
            elif low is not None:
                passing[j].append((i, low))
        for j in everyone:
            if spaced[i] >> j & 1:
                passing[j].append((i, spacing))
    if last >= 0:
        lasting[last] |= _bits(core) & ~(1 << last)
    chains = _chains([j for j in everyone if tasks[j].trip], before)
    return Structure(
        before=tuple(before),
        not_after=tuple(earlier & ~same for earlier, same in zip(not_after, tied, strict=True)),
        tied=tuple(tied),
        clash=tuple(clash),
        links=tuple(tuple(row) for row in links),
        spaced=tuple(spaced),
        parent=tuple(parent),
        sequence=tuple(sequence),
        lasting=tuple(lasting),
        passing=tuple(tuple(row) for row in passing),
        spine=chains[0] if chains else (),
        chains=tuple(chains[1:]),
        last=last,
        core=_bits(core),
    )


def _bits(members: Iterable[int]) -> int:
    return sum(1 << member for member in members)


def _least(far: Distances, i: int, j: int, days: int) -> bool:
    """Whether j surely comes at least so many days after i."""
    least = far[i][j]
    return least is not None and least >= days


def _links(count: int, rules: tuple[DayRule, ...]) -> list[list[Link]]:
    links: list[list[Link]] = [[] for _ in range(count)]
    for rule in rules:
        if rule.anchor == DAY_ZERO:
            continue
        low, target, high = (
            None if value is None else -value for value in (rule.max, rule.target, rule.min)
        )
        links[rule.task].append((rule.anchor, rule.min, rule.max, rule.target))
        links[rule.anchor].append((rule.task, low, high, target))
    return links


def _parents(links: list[list[Link]], far: Distances) -> list[int]:
    """Hang each task on a linked one that is never later: with a target if possible, then the
    latest of them (it says most about the task's own day)."""
    parents = []
    for j, own in enumerate(links):
        best, rank = -1, (False, -1, -1)
        for i, _low, _high, target in own:
            tied = _least(far, j, i, 0)  # always on one day: the first listed leads
            if not _least(far, i, j, 0) or (tied and i > j):
                continue
            depth = sum(_least(far, k, i, 0) for k in range(len(links)))
            if (candidate := (target is not None, depth, i)) > rank:
                best, rank = i, candidate
        parents.append(best)
    return parents


def _chains(tasks: list[int], before: list[int]) -> list[tuple[int, ...]]:
    """Tasks split into chains, the longest first, in which each comes on a later day."""
    chains = []
    while tasks:
        longest: dict[int, tuple[int, ...]] = {}
        for j in sorted(tasks, key=lambda j: before[j].bit_count()):
            ahead = [longest[i] for i in tasks if before[j] >> i & 1]
            longest[j] = (*max(ahead, key=len, default=()), j)
        chain = max(longest.values(), key=len)
        chains.append(chain)
        tasks = [j for j in tasks if j not in chain]
    return chains
