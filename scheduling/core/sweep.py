"""The tables of one variant that the day sweep reads, filled as it needs them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from scheduling.core.arrange import cheapest
from scheduling.core.bits import ones
from scheduling.core.bound import NEVER, Bound, bound_of
from scheduling.core.problem import Problem
from scheduling.core.structure import Structure
from scheduling.core.windows import narrowed

Arrangement = tuple[int, tuple[int, ...]]
"""Cost, and the start slots in the order of the tasks' positions."""


@dataclass(slots=True)
class Outlook:
    """An open task, given the days of the tasks it is linked to.

    `days` are the days left to it; `ahead[k]` the least bound from `days[k]` on; `edge[day]` what
    the distances from the linked tasks cost; `least[day]` that, with all that hangs on the task.
    """

    days: list[int]
    ahead: list[int]
    edge: dict[int, int]
    least: dict[int, int]

    def from_day(self, day: int) -> tuple[int, int]:
        """The least bound from this day on, and the first day left (NEVER twice: none)."""
        index = bisect_left(self.days, day)
        if index == len(self.days):
            return NEVER, NEVER
        return self.ahead[index], self.days[index]


@dataclass(slots=True)
class Sweep:
    problem: Problem
    index: int
    structure: Structure
    domains: list[int]
    bound: Bound
    _outlooks: list[dict[tuple[int, ...], Outlook]] = field(default_factory=list)
    _arranged: dict[tuple[int, int], Arrangement | None] = field(default_factory=dict)
    _alike: dict[tuple[object, ...], Arrangement | None] = field(default_factory=dict)
    near: list[tuple[int, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        links, spaced = self.structure.links, self.structure.spaced
        self._outlooks = [{} for _ in links]
        self.near = [
            tuple(sorted({link[0] for link in row} | set(ones(also))))
            for row, also in zip(links, spaced, strict=True)
        ]

    @property
    def base(self) -> int:
        return self.problem.variants[self.index].base

    def tighten(self, ceiling: int) -> bool:
        """Drop days that no plan cheaper than `ceiling` can use; false where none is left."""
        if ceiling >= NEVER:
            return True
        room = ceiling - self.base - self.bound.total
        domains = [
            sum(1 << day for day, more in spared.items() if more < room)
            for spared in self.bound.spared
        ]
        if domains == self.domains:
            return True
        left = narrowed(domains, self.problem.rules) if all(domains) else None
        if left is None:
            return False
        options = self.problem.variants[self.index].options
        self.domains = left
        self.bound = bound_of(self.problem, self.structure, options, left)
        self._outlooks = [{} for _ in left]
        return self.base + self.bound.total < ceiling

    def outlook(self, task: int, days: tuple[int, ...]) -> Outlook:
        """The outlook of an open task when placed tasks have these days (-1: no matter)."""
        key = tuple([days[other] for other in self.near[task]])
        known = self._outlooks[task].get(key)
        if known is None:
            known = self._outlooks[task][key] = self._look(task, days)
        return known

    def _look(self, task: int, days: tuple[int, ...]) -> Outlook:
        below = self.bound.below[task]
        first, last = 0, NEVER
        aims = []
        for other, low, high, target in self.structure.links[task]:
            if (anchor := days[other]) >= 0:
                if low is not None:
                    first = max(first, anchor + low)
                if high is not None:
                    last = min(last, anchor + high)
                if target is not None:
                    aims.append(anchor + target)
        for other in ones(self.structure.spaced[task]):
            if days[other] >= 0:
                first = max(first, days[other] + self.problem.spacing)
        left = [day for day in below if first <= day <= last]
        weight = self.problem.weights.target
        edge = {day: weight * sum([abs(day - aim) for aim in aims]) for day in left}
        least = {day: below[day] + edge[day] for day in left}
        ahead = [least[day] for day in left]
        for index in range(len(ahead) - 2, -1, -1):
            if ahead[index + 1] < ahead[index]:
                ahead[index] = ahead[index + 1]
        return Outlook(left, ahead, edge, least)

    def arrangement(self, tasks: int, day: int) -> Arrangement | None:
        """The least cost of these tasks (bits) on a day, without trips; None: they do not fit."""
        key = (tasks, day)
        if key in self._arranged:
            return self._arranged[key]
        members = tuple(ones(tasks))
        options = [self.problem.variants[self.index].options[j] for j in members]
        order = frozenset(
            (a, b)
            for a, i in enumerate(members)
            for b, j in enumerate(members)
            if (i, j) in self.problem.order
        )
        # Sessions of one kind have the very same options: what fits for some, fits for all.
        alike = (day, order, *(id(choice) for choice in options))
        if alike not in self._alike:
            self._alike[alike] = cheapest(
                [choice[day] for choice in options],
                [self.problem.tasks[j].length for j in members],
                [[self.problem.pause[i][j] for j in members] for i in members],
                order,
                self.problem.visit,
            )
        result = self._arranged[key] = self._alike[alike]
        return result
