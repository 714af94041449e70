"""The exact reference: a course as an OR-Tools CP-SAT model.

`rows_model` (R1) reads raw units and bookings: optional intervals on every unit, nothing compiled
but the flush starts of the packing price. `masks_model` (R2) is given each step's feasible starts
and needs no resources. Both share the rules and the objective below, written from the docstrings
of `scheduling/core` and not from the planner.
Time is counted in five-minute slots from the first midnight of the horizon.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from ortools.sat.python import cp_model

from benchmarks.counted import Counted
from scheduling.core.clinic import Unit
from scheduling.core.course import START
from scheduling.core.service import Requirement
from tests.core.oracle.case import STEP, Case
from tests.core.oracle.checker import in_parts
from tests.core.oracle.ledger import lanes_of, suits

Starts = Mapping[str, Iterable[int]]
"""Step id -> instants at which the patient could come (wishes, busy times, other treatments)."""


@dataclass
class Solved:
    """What CP-SAT says. `trace`: (seconds, cost) of each better plan that it found."""

    status: str
    cost: int | None
    bound: int
    starts: dict[str, int]
    people: dict[str, str]
    seconds: float
    trace: list[tuple[float, int]] = field(default_factory=list)


class Model:
    """Rules between sessions and the objective; resources are added by the two variants."""

    def __init__(self, case: Case, welcome: Starts, counted: Counted) -> None:
        self.case, self.counted = case, counted
        self.welcome = {step: sorted(starts) for step, starts in welcome.items()}
        self.cp = cp_model.CpModel()
        first = case.first.toordinal()
        self.zero = case.midnight(first)
        self.midnights = [self.slot(case.midnight(first + n)) for n in range(case.days)]
        self.steps = {step.id: step for step in case.course.steps}
        self.at: dict[str, cp_model.IntVar] = {}
        self.day: dict[str, cp_model.IntVar] = {}
        self.length = {s: step.service.minutes * 60 // STEP for s, step in self.steps.items()}
        self.costs: list[cp_model.LinearExprT] = []
        self.chosen: dict[tuple[str, str], cp_model.IntVar] = {}
        for step in self.steps:
            self._place(step, self.welcome[step])
        self.same = {pair: self._same_day(*pair) for pair in combinations(self.steps, 2)}
        self._rules()
        self._days()
        for role in sorted({role for role, _ in self.chosen}):
            self.cp.add_exactly_one(v for (r, _), v in self.chosen.items() if r == role)

    def slot(self, instant: int) -> int:
        return (instant - self.zero) // STEP

    def within(self, var: cp_model.LinearExprT, values: Iterable[int]) -> cp_model.Constraint:
        return self.cp.add_linear_expression_in_domain(
            var, cp_model.Domain.from_values(list(values))
        )

    def _place(self, step: str, starts: Sequence[int]) -> None:
        first = self.case.first.toordinal()
        values = [self.slot(start) for start in starts]
        days = sorted({self.case.day(start) - first for start in starts})
        if not values:
            values, days = [0], [0]
            self.cp.add_bool_or([])
        self.at[step] = self.cp.new_int_var_from_domain(
            cp_model.Domain.from_values(values), f"at {step}"
        )
        self.day[step] = self.cp.new_int_var_from_domain(
            cp_model.Domain.from_values(days), f"day {step}"
        )
        base = self.cp.new_int_var(0, self.midnights[-1], f"midnight {step}")
        self.cp.add_element(self.day[step], self.midnights, base)
        self.cp.add(self.at[step] >= base)
        self.cp.add(self.at[step] + self.length[step] <= base + 300)

    def _same_day(self, one: str, two: str) -> cp_model.IntVar:
        same = self.cp.new_bool_var(f"same {one} {two}")
        before = self.cp.new_bool_var("")
        self.cp.add(self.day[one] == self.day[two]).only_enforce_if(same)
        self.cp.add(self.day[one] < self.day[two]).only_enforce_if(~same, before)
        self.cp.add(self.day[one] > self.day[two]).only_enforce_if(~same, ~before)
        return same

    def _rules(self) -> None:
        course, cp = self.case.course, self.cp
        earliest = self.case.wishes.earliest.toordinal() - self.case.first.toordinal()
        for rule in course.rules:
            origin = earliest if rule.anchor == START else self.day[rule.anchor]
            gap, window = self.day[rule.step] - origin, rule.window
            if window.min is not None:
                cp.add(gap >= window.min)
            if window.max is not None:
                cp.add(gap <= window.max)
            if window.target is not None:
                off = cp.new_int_var(0, 400, "")
                cp.add(off >= gap - window.target)
                cp.add(off >= window.target - gap)
                self.costs.append(3 * off)
            if rule.anchor != START:
                if window.min is not None and window.min >= 0:
                    cp.add(self.at[rule.step] >= self.at[rule.anchor] + self.length[rule.anchor])
                elif window.max is not None and window.max <= 0:
                    cp.add(self.at[rule.step] + self.length[rule.step] <= self.at[rule.anchor])
        for one, two in course.apart:
            cp.add(self.day[one] != self.day[two])
        pause = self.case.limits.break_minutes * 60 // STEP
        cp.add_no_overlap(
            [
                cp.new_fixed_size_interval_var(self.at[s], self.length[s] + pause, s)
                for s in self.steps
            ]
        )
        treatments = [s for s, step in self.steps.items() if step.service.treatment]
        for one, two in combinations(treatments, 2):
            later = cp.new_bool_var("")
            gap = self.day[two] - self.day[one]
            cp.add(gap >= course.spacing_days).only_enforce_if(later)
            cp.add(gap <= -course.spacing_days).only_enforce_if(~later)

    def _days(self) -> None:
        case, cp = self.case, self.cp
        stay = case.limits.visit_minutes * 60 // STEP
        for (one, two), same in self.same.items():
            for a, b in ((one, two), (two, one)):
                cp.add(self.at[a] + self.length[a] - self.at[b] <= stay).only_enforce_if(same)
                if self.steps[a].service.talk and self.steps[b].service.treatment:
                    cp.add(self.at[a] + self.length[a] <= self.at[b]).only_enforce_if(same)
        trips: list[str] = []
        for step in self.steps:
            others = [same for pair, same in self.same.items() if step in pair]
            cp.add(sum(others) <= case.limits.sessions - 1)
            if self.steps[step].service.trip:
                new = cp.new_bool_var("")
                cp.add(new >= 1 - sum(self.same[other, step] for other in trips))
                self.costs.append(10 * new)
                trips.append(step)
        self._finish()
        for step in self.steps:
            self._preferences(step)

    def _finish(self) -> None:
        core = [self.day[s] for s, step in self.steps.items() if step.core]
        if core:
            last = self.cp.new_int_var(0, self.case.days, "finish")
            for day in core:
                self.cp.add(last >= day)
            earliest = self.case.wishes.earliest.toordinal() - self.case.first.toordinal()
            self.costs.append(2 * last - 2 * earliest)

    def _preferences(self, step: str) -> None:
        liking = self.case.wishes.liking
        if liking.weekdays:
            first = self.case.first
            liked = [
                n
                for n in range(self.case.days)
                if (first.toordinal() + n - 1) % 7 + 1 in liking.weekdays
            ]
            self.penalty(4, self.within(self.day[step], liked))
        if liking.day_parts:
            starts = self.welcome[step]
            liked_starts = [t for t in starts if in_parts(self.case, t, liking.day_parts)]
            self.penalty(3, self.within(self.at[step], map(self.slot, liked_starts)))
        self._packing(step)

    def _packing(self, step: str) -> None:
        """1 where five minutes earlier and later would do as well."""
        service = self.steps[step].service
        loose = self.cp.new_bool_var("")
        self.costs.append(loose)
        for people, serves in self.choices(step):
            starts = self.counted.at(self.counted.flush(service, people), self.welcome[step])
            self.within(self.at[step], map(self.slot, starts)).only_enforce_if(*serves, ~loose)

    def choices(self, step: str) -> list[tuple[dict[str, str], list[cp_model.IntVar]]]:
        """Who may serve the step's continuity role, and the literal that says so."""
        role = self.steps[step].service.continuity
        if role is None:
            return [({}, [])]
        return [
            ({role: unit.id}, [self.person(role, unit.id)])
            for unit in self.case.units
            if role in unit.roles
        ]

    def penalty(self, cost: int, wanted: cp_model.Constraint) -> None:
        """Add `cost` unless the constraint holds."""
        missed = self.cp.new_bool_var("")
        wanted.only_enforce_if(~missed)
        self.costs.append(cost * missed)

    def person(self, role: str, unit: str) -> cp_model.IntVar:
        """Whether this unit serves the continuity role throughout."""
        if (role, unit) not in self.chosen:
            self.chosen[role, unit] = self.cp.new_bool_var(f"{unit} is the {role}")
        return self.chosen[role, unit]

    def solve(self, seconds: float, workers: int = 2, *, with_costs: bool = True) -> Solved:
        """The best plan within the time limit (wall seconds)."""
        if with_costs:
            self.cp.minimize(sum(self.costs))
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = workers
        trace = _Trace()
        began = time.perf_counter()
        status = solver.solve(self.cp, trace)
        taken = time.perf_counter() - began
        name = solver.status_name(status)
        found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        return Solved(
            name,
            round(solver.objective_value) if found else None,
            round(solver.best_objective_bound) if found else 0,
            {s: self.zero + STEP * solver.value(at) for s, at in self.at.items()} if found else {},
            {role: unit for (role, unit), is_it in self.chosen.items() if solver.value(is_it)}
            if found
            else {},
            taken,
            trace.found,
        )


class _Trace(cp_model.CpSolverSolutionCallback):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[float, int]] = []

    def on_solution_callback(self) -> None:
        self.found.append((self.wall_time, round(self.objective_value)))


def rows_model(case: Case, welcome: Starts, counted: Counted) -> Model:
    """R1: every unit's hours, bookings and lanes as they are."""
    model = Model(case, welcome, counted)
    uses: dict[str, list[tuple[cp_model.IntervalVar, int]]] = {unit.id: [] for unit in case.units}
    for step in model.steps:
        _needs(model, step, uses)
    for unit in case.units:
        if uses[unit.id]:
            _capacity(model, unit, uses[unit.id])
    return model


def _needs(
    model: Model, step: str, uses: dict[str, list[tuple[cp_model.IntervalVar, int]]]
) -> None:
    case, cp, service = model.case, model.cp, model.steps[step].service
    taking: list[tuple[Requirement, str, cp_model.IntVar]] = []
    for need in service.requirements:
        low, high = need.start * 60 // STEP, need.end * 60 // STEP
        choices = []
        for unit in case.units:
            open_at = _open_at(model, unit, need)
            if not open_at:
                continue
            serves = cp.new_bool_var(f"{unit.id} serves {need.role} of {step}")
            choices.append(serves)
            cp.add_linear_expression_in_domain(
                model.at[step], cp_model.Domain.from_intervals(open_at)
            ).only_enforce_if(serves)
            if need.present:
                continue
            uses[unit.id].append(
                (
                    cp.new_optional_fixed_size_interval_var(
                        model.at[step] + low, high - low, serves, ""
                    ),
                    lanes_of(need, unit),
                )
            )
            for other, theirs, also in taking:
                if theirs == unit.id and other.start < need.end and need.start < other.end:
                    cp.add_at_most_one(also, serves)
            taking.append((need, unit.id, serves))
            if service.continuity == need.role:
                cp.add_implication(serves, model.person(need.role, unit.id))
        cp.add_exactly_one(choices) if not need.present else cp.add_bool_or(choices)


def _open_at(model: Model, unit: Unit, need: Requirement) -> list[list[int]]:
    """Starts (as intervals of slots) at which the unit works throughout the requirement."""
    case, spans = model.case, []
    for start, end in sorted(unit.opens):
        if spans and start <= spans[-1][1]:
            spans[-1][1] = max(end, spans[-1][1])
        elif suits(unit, need, case.wishes, case.day(start)):
            spans.append([start, end])
    low, high = need.start * 60 // STEP, need.end * 60 // STEP
    return [
        [model.slot(start) - low, model.slot(end) - high]
        for start, end in spans
        if model.slot(end) - high >= model.slot(start) - low
    ]


def _capacity(model: Model, unit: Unit, uses: list[tuple[cp_model.IntervalVar, int]]) -> None:
    cp, case = model.cp, model.case
    begin, finish = model.zero, model.zero + STEP * (model.midnights[-1] + 300)
    taken = [
        cp.new_fixed_size_interval_var(model.slot(b.start), (b.end - b.start) // STEP, "")
        for b in case.bookings
        if b.unit == unit.id and begin <= b.start and b.end <= finish
    ]
    if unit.capacity == 1:
        cp.add_no_overlap([*taken, *(use for use, _ in uses)])
    else:
        lanes = [1] * len(taken) + [lanes for _, lanes in uses]
        cp.add_cumulative([*taken, *(use for use, _ in uses)], lanes, unit.capacity)


def masks_model(case: Case, welcome: Starts, counted: Counted) -> Model:
    """R2: each step starts where all it needs is free, with the unit that serves its continuity
    role. Exact where sessions of one day do not compete for a unit."""
    model = Model(case, welcome, counted)
    for step, what in model.steps.items():
        for people, serves in model.choices(step):
            starts = counted.at(counted.joint(what.service, people), model.welcome[step])
            allowed = model.within(model.at[step], map(model.slot, starts))
            if serves:
                allowed.only_enforce_if(*serves)
    return model
