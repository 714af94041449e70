"""Find a repair: greedily in several orders, then by taking a few sessions out and in again.

`first` answers at once. `improve` goes on from there for as long as it is let: it takes out
sessions that cost much, with others that hold what they would need (ejection), puts them back in
another order, and keeps what is not much worse (simulated annealing). Where that no longer helps,
whole courses are planned anew around the sessions that have no place (`repair_course.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import exp, log
from random import Random

from scheduling.core.repair import Change, Key, Pin, Repair, Shock
from scheduling.core.repair_course import Courses
from scheduling.core.repair_table import Place, Table

FEW = 5
"""Sessions taken out at once, at most."""
WARM, COLD = 6.0, 0.4
"""How much worse a step may be at first, and in the end, to be taken with one chance in e."""
COOLING = 400
"""Rounds from warm to cold; then warm again, from the best so far."""
SOON, PATIENCE = 500, 2000
"""Rounds without a better repair after which whole courses are tried; and after which the search
ends, having tried them once more."""


def first(shock: Shock, *, seed: int = 0, known: Repair | None = None) -> Repair:
    """A complete repair, the best of several greedy orders, and of what still holds of one that is
    `known`. Deterministic."""
    return _answer(_greedy(shock, Random(seed), known), None)  # noqa: S311 - no secret


def improve(
    shock: Shock,
    *,
    seed: int = 0,
    known: Repair | None = None,
    stop: Callable[[], bool],
    rounds: int | None = None,
) -> Iterator[Repair]:
    """Better and better repairs, beginning with the first. Ends when `stop` says so, after so many
    `rounds`, or when nothing better is in sight. Equal input gives equal repairs: how many come
    before `stop` is all that time decides."""
    rng = Random(seed)  # noqa: S311 - reproducible, no secret
    table = _greedy(shock, rng, known)
    best = _answer(table, None)
    yield best
    search, courses = _Search(table, rng), Courses(table)
    done = 0
    for patience in (SOON, PATIENCE):
        while not stop() and (rounds is None or done < rounds) and search.idle <= patience:
            done += 1
            if search.round():
                best = _answer(table, courses)
                yield best
            if table.price == 0:
                return
        search.restore()
        for course in sorted({key[0] for key in table.cases.keys() - table.places.keys()}):
            if not stop() and courses.replan(course):
                search.settle(course)
                best = _answer(table, courses)
                yield best
        search.idle = 0


def _greedy(shock: Shock, rng: Random, known: Repair | None) -> Table:
    """The table of the best order: fewest ways out first, by time, longest first, at random."""
    table = Table(shock)
    for key in sorted(shock.pins.keys() & table.cases.keys()):
        place = table.at(key, shock.pins[key])
        if place is not None:
            table.put(key, place)
    free = [key for key in table.cases if key not in shock.pins]
    cases = table.cases
    freedom = {key: _freedom(table, key) for key in free}
    orders: list[list[Key]] = [
        sorted(free, key=lambda key: (freedom[key], cases[key].was.start, key)),
        sorted(free, key=lambda key: (cases[key].was.start, key)),
        sorted(free, key=lambda key: (cases[key].was.start - cases[key].was.end, key)),
        rng.sample(sorted(free), len(free)),
    ]
    best: tuple[int, dict[Key, Place]] | None = None
    for number, order in enumerate([orders[0], *orders] if known else orders):
        if known is not None and number == 0:
            _put_known(table, order, known)
        for key in order:
            place = None if key in table.places else table.cheapest(key)
            if place is not None:
                table.put(key, place)
        if best is None or table.price < best[0]:
            best = (table.price, {key: table.places[key] for key in free if key in table.places})
        for key in free:
            if key in table.places:
                table.lift(key)
    for key, place in best[1].items() if best else ():
        table.put(key, place)
    return table


def _put_known(table: Table, keys: Sequence[Key], known: Repair) -> None:
    """Where an earlier repair had them, as far as that still can be."""
    for key in keys:
        change = known.changes.get(key)
        if change is not None:
            units = {taken.role: taken.unit for taken in change.session.taken if taken.lanes}
            once = {role: unit for role, unit in units.items() if _alone(change, role)}
            place = table.at(key, Pin(change.session.start, once))
            if place is not None:
                table.put(key, place)


def _alone(change: Change, role: str) -> bool:
    """Whether one unit fills the role throughout."""
    return len({taken.unit for taken in change.session.taken if taken.role == role}) == 1


def _freedom(table: Table, key: Key) -> int:
    """How many starts there are on the days nearest to where the session was."""
    found, last = 0, None
    for _, day, _, _ in table.choices(key):
        if last is not None and day != last and found:
            break
        found, last = found + 1, day
    return found


class _Search:
    """Rounds of taking out and putting back. Pinned sessions stay."""

    def __init__(self, table: Table, rng: Random) -> None:
        self.table, self.rng = table, rng
        self.free = sorted(key for key in table.cases if key not in table.shock.pins)
        self.price = self.best = table.price
        self.kept = dict(table.places)
        self.idle = 0
        self._rounds = 0

    def round(self) -> bool:
        """One try; true where it gave the best repair so far."""
        table, rng = self.table, self.rng
        if not self.free:
            self.idle = PATIENCE + 1
            return False
        out = self._chosen()
        before = {key: table.lift(key) for key in out if key in table.places}
        put: list[Key] = []
        for key in out:
            place = table.cheapest(key, rng)
            if place is not None:
                table.put(key, place)
                put.append(key)
        self._rounds += 1
        price = table.price
        if price > self.price and rng.random() >= exp((self.price - price) / self._heat()):
            for key in put:
                table.lift(key)
            for key, place in before.items():
                table.put(key, place)
            price = self.price
        self.price = price
        if price < self.best:
            self.best, self.kept, self.idle = price, dict(table.places), 0
            return True
        self.idle += 1
        if self._rounds % COOLING == 0:
            self.restore()
        return False

    def settle(self, course: str) -> None:
        """The course was planned anew: its sessions stay, and that is the best so far."""
        self.free = [key for key in self.free if key[0] != course]
        self.price = self.best = self.table.price
        self.kept = dict(self.table.places)

    def restore(self) -> None:
        """Go back to the best so far."""
        table = self.table
        for key in [key for key, place in table.places.items() if self.kept.get(key) != place]:
            table.lift(key)
        for key, place in self.kept.items():
            if key not in table.places:
                table.put(key, place)
        self.price = self.best

    def _heat(self) -> float:
        return WARM * exp(log(COLD / WARM) * (self._rounds % COOLING) / COOLING)

    def _chosen(self) -> Sequence[Key]:
        """Which sessions to take out, in the order in which they go back."""
        table, rng = self.table, self.rng
        homeless = [key for key in self.free if key not in table.places]
        if homeless and rng.random() < 0.6:
            key = rng.choice(homeless)
            return [key, *self._in_the_way(key)]
        dear = [key for key in self.free if key in table.places and table.places[key].price]
        if not dear or rng.random() < 0.2:
            return rng.sample(self.free, min(len(self.free), rng.randint(2, FEW)))
        weights = [table.places[key].price for key in dear]
        key = rng.choices(dear, weights)[0]
        out = [key, *self._in_the_way(key)]
        if rng.random() < 0.3:
            rng.shuffle(out)
        return out

    def _in_the_way(self, key: Key) -> list[Key]:
        """Some sessions that stand on a day on which this one would like to be, near its time."""
        table, rng = self.table, self.rng
        case = table.cases[key]
        days = case.days
        # Mostly the day itself, seldom a day much further off.
        day = days[min(int(rng.expovariate(0.7)), len(days) - 1)]
        there = [
            other
            for other in self.free
            if other != key and other in table.places and table.places[other].stand.day == day
        ]
        if rng.random() < 0.6:
            there.sort(key=lambda other: abs(table.places[other].stand.start - case.stand.start))
            there = there[: 2 * FEW]
        count = min(len(there), rng.randint(1, FEW - 1))
        return rng.sample(there, count)


def _answer(table: Table, courses: Courses | None) -> Repair:
    changes = {
        key: Change(place.session, place.price) for key, place in sorted(table.places.items())
    }
    if courses is not None:
        changes.update(courses.changes())
    unplaced = frozenset(table.cases) - changes.keys()
    return Repair(changes, unplaced)
