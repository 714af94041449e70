"""The search's plain input and output: masks, windows and weights in; days and starts out.

**Days** count from day 0, the patient's earliest date. **Slots** are five minutes of one local day.

A plan gives each task a day and a start slot. It is feasible when

- the start is one of the task's `options` on that day, in one and the same variant for all tasks;
- every day rule holds: `min <= day[task] - day[anchor] <= max` (anchor -1 is day 0);
- no pair of `apart` shares a day, and treatments lie at least `spacing` days from one another;
- on each day there are at most `sessions` tasks; of two tasks i before j, j starts at least
  `pause[i][j]` slots after i has ended; pairs (i, j) of `order` on one day come in that order; and
  from the first start to the last end pass at most `visit` slots.

Its **cost** is the sum of

- the cost of the chosen start, as `options` give it (preferences, packing, or the price of change);
- `day_price[task]` of its day, where there is one;
- `weights.trip` for each day on which at least one task needs a trip;
- `weights.finish` times the day of the last core task (nothing without core tasks);
- `weights.target` for each day off the target, for every day rule with a target;
- the variant's `base` (practitioners that are liked but not chosen).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Layers = tuple[tuple[int, int], ...]
"""Starts of one task on one day: (cost, row of starts), disjoint, cheapest first."""
Options = Mapping[int, Layers]
"""By day; a day without a start is absent."""

DAY_ZERO = -1


@dataclass(frozen=True, slots=True)
class Task:
    """One session to place. `length` is the patient's own time in slots."""

    id: str
    length: int
    trip: bool = True
    core: bool = True
    treatment: bool = False


@dataclass(frozen=True, slots=True)
class DayRule:
    """`day[task] - day[anchor]`, both as positions in `Problem.tasks`, or anchor DAY_ZERO."""

    anchor: int
    task: int
    min: int | None
    target: int | None
    max: int | None


@dataclass(frozen=True, slots=True)
class Weights:
    """The prices of the objective. Preferences and packing enter through the options."""

    trip: int = 10
    finish: int = 2
    target: int = 3
    weekday: int = 4
    day_part: int = 3
    packing: int = 1
    practitioner: int = 6


@dataclass(frozen=True, slots=True)
class Variant:
    """One choice of the persons who stay throughout the course, and the starts that leaves."""

    units: tuple[tuple[str, str], ...]
    base: int
    options: tuple[Options, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    tasks: tuple[Task, ...]
    rules: tuple[DayRule, ...]
    apart: frozenset[tuple[int, int]]
    order: frozenset[tuple[int, int]]
    pause: tuple[tuple[int, ...], ...]
    variants: tuple[Variant, ...]
    spacing: int = 1
    sessions: int = 4
    visit: int = 72
    weights: Weights = Weights()
    day_price: tuple[Mapping[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Where each task goes: (day, slot), in the order of the tasks."""

    cost: int
    variant: int
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The best plan, or None. `bound`: no plan costs less. `optimal`: the plan costs the bound."""

    plan: Plan | None
    bound: int | None
    optimal: bool
    nodes: int = 0


def cost_of(problem: Problem, plan: Plan) -> int:
    """The cost of a plan, by definition. Raises KeyError or ValueError for a start not offered."""
    variant, weights = problem.variants[plan.variant], problem.weights
    days = [day for day, _ in plan.places]
    total = variant.base
    for options, (day, slot) in zip(variant.options, plan.places, strict=True):
        prices = [price for price, row in options[day] if row >> slot & 1]
        if len(prices) != 1:
            raise ValueError("not a start of this task")
        total += prices[0]
    for prices_by_day, day in zip(problem.day_price, days, strict=False):
        total += prices_by_day.get(day, 0)
    trips = {day for task, day in zip(problem.tasks, days, strict=True) if task.trip}
    finish = max((d for task, d in zip(problem.tasks, days, strict=True) if task.core), default=0)
    off = sum(
        abs(days[rule.task] - (0 if rule.anchor == DAY_ZERO else days[rule.anchor]) - rule.target)
        for rule in problem.rules
        if rule.target is not None
    )
    return total + weights.trip * len(trips) + weights.finish * finish + weights.target * off
