"""The day sweep itself: one pass over the days, with at most `width` states carried from each.

The cost of a plan is a sum over days, once it is known on which earlier days the open tasks still
depend. A state is therefore the set of tasks placed and the days of those that still matter; equal
states are one, and the cheapest stays. On each day a state takes any set of tasks that may come
then, arranged at the least cost. A state whose bound reaches the ceiling is dropped for good.
"""

from __future__ import annotations

from dataclasses import dataclass

from scheduling.core.bits import ones
from scheduling.core.bound import NEVER
from scheduling.core.problem import Plan
from scheduling.core.sweep import Sweep

OPEN_TASK = 4
"""The guess that ranks states: what an open task off the spine will cost beyond the bound."""


@dataclass(slots=True)
class State:
    """Tasks `done` (bits) at cost `paid`, with the `days` that still matter (-1: not).

    `bound`: the least that a complete plan through it costs. The last move put the tasks `placed`
    on `day`, coming from `parent`.
    """

    paid: int
    bound: int
    done: int
    days: tuple[int, ...]
    parent: State | None
    day: int
    placed: int


class Run:
    """One sweep over one variant. Afterwards `plan` is the cheapest plan found below the ceiling,
    and `cut` the least bound of a state that was dropped unseen (NEVER: none was, so that no plan
    below the ceiling is missed)."""

    def __init__(self, sweep: Sweep, width: int, ceiling: int, allowed: int) -> None:
        self.sweep, self.width, self.ceiling, self.allowed = sweep, width, ceiling, allowed
        self.plan: Plan | None = None
        self.cut = NEVER
        self.nodes = 0
        self._everything = (1 << len(sweep.problem.tasks)) - 1
        spine = sum(1 << j for j in sweep.structure.spine)
        self._off_spine = self._everything & ~spine
        self._waiting: dict[int, dict[tuple[int, tuple[int, ...]], State]] = {}

    def go(self) -> None:
        """Sweep. Deterministic."""
        start = (-1,) * len(self.sweep.problem.tasks)
        self._enter(State(self.sweep.base, 0, 0, start, None, -1, 0), 0)
        while self._waiting:
            day = min(self._waiting)
            states = sorted(self._waiting.pop(day).values(), key=self._promise)
            for rank, state in enumerate(states):
                if state.bound >= self.ceiling:
                    continue
                if rank >= self.width or self.nodes >= self.allowed:
                    self.cut = min(self.cut, state.bound)
                    continue
                self.nodes += 1
                self._expand(state, day)
        if self.cut >= self.ceiling:
            self.cut = NEVER

    def _promise(self, state: State) -> int:
        """What states are ranked by, if not all can be carried on: the bound alone would prefer
        those that put off the tasks whose trips it does not see."""
        return state.bound + OPEN_TASK * (self._off_spine & ~state.done).bit_count()

    def _enter(self, state: State, day: int) -> None:
        """Let a state wait for the next day on which one of its open tasks can come."""
        structure = self.sweep.structure
        done, days = state.done, state.days
        bound, following = state.paid, NEVER
        for j in ones(self._everything & ~done):
            parent = structure.parent[j]
            if parent >= 0 and not done >> parent & 1:
                continue
            ahead, next_day = self.sweep.outlook(j, days).from_day(day)
            bound += ahead
            if bound >= self.ceiling:
                return
            if next_day < following and not (structure.not_after[j] & ~done):
                following = next_day
        state.bound = bound
        if following >= NEVER:
            return
        waiting = self._waiting.setdefault(following, {})
        key = (done, days)
        known = waiting.get(key)
        if known is None or state.paid < known.paid:
            waiting[key] = state

    def _expand(self, state: State, day: int) -> None:
        structure, arrangement = self.sweep.structure, self.sweep.arrangement
        limit = self.sweep.problem.sessions
        sets: list[tuple[int, int]] = [(0, state.bound)]
        for j, excess in self._candidates(state, day):
            clash, bit = structure.clash[j], 1 << j
            for tasks, bound in sets[:]:
                larger = tasks | bit
                if (
                    not tasks & clash
                    and bound + excess < self.ceiling
                    and larger.bit_count() <= limit
                    and arrangement(larger, day) is not None
                ):
                    sets.append((larger, bound + excess))
        for tasks, _ in sets[1:]:
            done = state.done | tasks
            if all(not (structure.not_after[j] | structure.tied[j]) & ~done for j in ones(tasks)):
                self._place(state, day, tasks)
        self._enter(state, day + 1)

    def _candidates(self, state: State, day: int) -> list[tuple[int, int]]:
        """Tasks that may come on this day, and how much more than the bound that costs at least."""
        structure, domains = self.sweep.structure, self.sweep.domains
        found = []
        for j in ones(self._everything & ~state.done):
            if structure.before[j] & ~state.done or not domains[j] >> day & 1:
                continue
            outlook = self.sweep.outlook(j, state.days)
            least = outlook.least.get(day)
            if least is None:
                continue
            parent = structure.parent[j]
            hangs = parent < 0 or state.done >> parent & 1
            found.append((j, least - outlook.from_day(day)[0] if hangs else 0))
        return found

    def _place(self, state: State, day: int, tasks: int) -> None:
        """Follow one set of tasks, arranged on this day."""
        sweep, structure, problem = self.sweep, self.sweep.structure, self.sweep.problem
        arranged = sweep.arrangement(tasks, day)
        if arranged is None:
            return
        weights = problem.weights
        paid = state.paid + arranged[0]
        members = list(ones(tasks))
        if any(problem.tasks[j].trip for j in members):
            paid += weights.trip
        for j in members:
            paid += sweep.bound.own[j][day] + sweep.outlook(j, state.days).edge[day]
            for other, _low, _high, target in structure.links[j]:
                if target is not None and other < j and tasks >> other & 1:
                    paid += weights.target * abs(target)
        done = state.done | tasks
        core = structure.core
        if core & ~state.done and not core & ~done and not tasks >> structure.last & 1:
            paid += weights.finish * (day - state.days[structure.last])
        if paid >= self.ceiling:
            return
        days = list(state.days)
        for j in members:
            days[j] = day
        if done == self._everything:
            self.ceiling = paid
            final = State(paid, paid, done, tuple(days), state, day, tasks)
            self.plan = Plan(paid, sweep.index, self._places(final))
            return
        for j, when in enumerate(days):
            if (
                when >= 0
                and not structure.lasting[j] & ~done
                and not any(
                    when + wait > day + 1 and not done >> i & 1 for i, wait in structure.passing[j]
                )
            ):
                days[j] = -1
        self._enter(State(paid, paid, done, tuple(days), state, day, tasks), day + 1)

    def _places(self, final: State) -> tuple[tuple[int, int], ...]:
        places = [(0, 0)] * len(self.sweep.problem.tasks)
        state: State | None = final
        while state is not None and state.placed:
            arranged = self.sweep.arrangement(state.placed, state.day)
            if arranged is not None:
                for j, slot in zip(ones(state.placed), arranged[1], strict=True):
                    places[j] = (state.day, slot)
            state = state.parent
        return tuple(places)
