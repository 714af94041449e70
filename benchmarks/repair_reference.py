"""CP-SAT on the same repair: the price that an exact solver reaches in half a minute.

Units are modelled as cumulative resources with what is taken of them as fixed intervals; of the
masks only the starts of each session by itself are used. Sessions of one course exclude one
another pair by pair. Warm-started with the answer it is compared to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ortools.sat.python import cp_model

from scheduling.core.bits import ones
from scheduling.core.change import OTHER_PERSON
from scheduling.core.course_room import Room, Stand
from scheduling.core.repair import UNPLACED, Key, Repair, Shock, price_of_move
from scheduling.core.repair_case import Case
from scheduling.core.repair_table import Table

DAYS = 14
"""Days nearest to where a session was on which it can start at all: further ones never pay."""
SLOTS_A_DAY = 320


@dataclass(frozen=True)
class Solved:
    price: int
    unplaced: int
    proved: bool


class Reference:
    """The model of one shock."""

    def __init__(self, shock: Shock, answer: Repair) -> None:
        self.model, self.shock, self.answer = cp_model.CpModel(), shock, answer
        self.table = Table(shock)
        self.grid = shock.availability.grid
        self.starts: dict[Key, dict[tuple[int, int], cp_model.IntVar]] = {}
        self.homeless: dict[Key, cp_model.IntVar] = {}
        self.uses: dict[str, list[tuple[cp_model.IntervalVar, int]]] = {}
        self.days: dict[str, set[int]] = {}
        self.terms: list[cp_model.LinearExprT] = []
        for key in self.table.cases:
            self._place(key)
        for key in self.table.cases:
            for other in self.table.cases:
                if key < other and key[0] == other[0]:
                    self._exclude(key, other)
        for unit, uses in self.uses.items():
            self._capacity(unit, uses)
        self.model.minimize(sum(self.terms))

    def solve(self, seconds: float, workers: int = 2) -> Solved:
        """The best price found in so many seconds."""
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = workers
        status = solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Solved(self.answer.price, len(self.answer.unplaced), False)
        unplaced = sum(solver.value(literal) for literal in self.homeless.values())
        return Solved(round(solver.objective_value), unplaced, status == cp_model.OPTIMAL)

    def _place(self, key: Key) -> None:
        model, case = self.model, self.table.cases[key]
        change = self.answer.changes.get(key)
        chosen = self.grid.locate(change.session.start) if change else None
        service = case.step.service
        able = dict(_choices(self.table, key, chosen))
        starts = {at: model.new_bool_var(f"{key} at {at}") for at in able}
        homeless = self.homeless[key] = model.new_bool_var(f"{key} nowhere")
        self.starts[key] = starts
        model.add_exactly_one([*starts.values(), homeless])
        model.add_hint(homeless, change is None)
        for at, literal in starts.items():
            price = price_of_move((case.stand.day, case.stand.start), at)
            self.terms.append(price * literal)
            model.add_hint(literal, at == chosen)
        self.terms.append(UNPLACED * homeless)
        moments = {at: SLOTS_A_DAY * at[0] + at[1] for at in starts}
        domain = cp_model.Domain.from_values([0, *moments.values()])
        moment = model.new_int_var_from_domain(domain, f"{key} starts")
        model.add(moment == sum(moments[at] * one for at, one in starts.items()))
        wanted = {
            (taken.role, taken.start - change.session.start): taken.unit
            for taken in (change.session.taken if change else ())
        }
        serving: list[tuple[int, int, str, cp_model.IntVar]] = []
        usual = {taken.unit for taken in case.was.taken if taken.role == service.continuity}
        for index, need in enumerate(service.requirements):
            if need.present:
                continue
            row: dict[str, cp_model.IntVar] = {}
            for unit in sorted({u for _, _, kind in case.kinds for u in kind.pools[index]}):
                literal = row[unit] = model.new_bool_var(f"{key} {need.role} {unit}")
                model.add_hint(literal, wanted.get((need.role, 60 * need.start)) == unit)
                low, high = need.start // 5, -(-need.end // 5)
                interval = model.new_optional_fixed_size_interval_var(
                    moment + low, high - low, literal, f"{key} uses {unit}"
                )
                lanes = self.table.capacity.units[unit].capacity if need.alone else 1
                self.uses.setdefault(unit, []).append((interval, lanes))
                self.days.setdefault(unit, set()).update(day for day, _ in able)
                for other, end, name, theirs in serving:
                    if name == unit and other < need.end and need.start < end:
                        model.add_at_most_one([literal, theirs])
                serving.append((need.start, need.end, unit, literal))
            model.add(sum(row.values()) == 1).only_enforce_if(homeless.negated())
            model.add(sum(row.values()) == 0).only_enforce_if(homeless)
            for (day, slot), literal in starts.items():
                start = self.grid.instant(day, slot)
                capacity = self.table.capacity
                free = [one for unit, one in row.items() if capacity.free(unit, need, start)]
                model.add_bool_or([*free, literal.negated()])
            if need.role == service.continuity and usual:
                self.terms += [OTHER_PERSON * one for unit, one in row.items() if unit not in usual]

    def _exclude(self, key: Key, other: Key) -> None:
        one, two = self.table.cases[key], self.table.cases[other]
        course = next(c for c in self.shock.courses if c.id == key[0])
        earliest = self.grid.day_of(course.wishes.earliest)
        room = Room(course.course, self.grid, earliest, self.shock.limits)
        for (day, slot), literal in self.starts[key].items():
            end = slot + -(-one.step.service.minutes // 5)
            others = {key[1]: Stand(day, slot, end)}
            first, last, shut = room.days(other[1], others)

            def fits(
                at: tuple[int, int],
                first: int = first,
                last: int = last,
                shut: set[int] = shut,
                others: dict[str, Stand] = others,
            ) -> bool:
                within = first <= at[0] <= last and at[0] not in shut
                return within and bool(room.row(other[1], at[0], others) >> at[1] & 1)

            barred = [
                theirs
                for at, theirs in self.starts[other].items()
                if not fits(at) and ((day, slot), at) != (_was(one), _was(two))
            ]
            if barred:
                self.model.add_at_most_one([literal, *barred])

    def _capacity(self, unit: str, uses: list[tuple[cp_model.IntervalVar, int]]) -> None:
        intervals, demands = [one for one, _ in uses], [lanes for _, lanes in uses]
        for day in sorted(self.days[unit]):
            for plane in self.shock.availability.day_of_unit(unit, day)[1]:
                for low, high in _runs(plane):
                    intervals.append(
                        self.model.new_fixed_size_interval_var(
                            SLOTS_A_DAY * day + low, high - low, f"{unit} taken"
                        )
                    )
                    demands.append(1)
        capacity = self.table.capacity.units[unit].capacity
        self.model.add_cumulative(intervals, demands, capacity)


def _was(case: Case) -> tuple[int, int]:
    return case.stand.day, case.stand.start


def _choices(
    table: Table, key: Key, chosen: tuple[int, int] | None
) -> Iterator[tuple[tuple[int, int], int]]:
    days: list[int] = []
    for price, day, slot, _kind in table.choices(key):
        if day not in days:
            days.append(day)
        if len(days) <= DAYS or (day, slot) == chosen:
            yield (day, slot), price


def _runs(plane: int) -> Iterator[tuple[int, int]]:
    """Consecutive slots that are set, half-open."""
    begins, ends = list(ones(plane & ~(plane << 1))), list(ones(plane & ~(plane >> 1)))
    for low, high in zip(begins, ends, strict=True):
        yield low, high + 1
