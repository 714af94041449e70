"""What is open and what is taken, kept as plain counts per unit and five minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from scheduling.core.clinic import Booking, Unit
from scheduling.core.service import Requirement
from scheduling.core.wishes import Wishes
from tests.core.oracle.case import STEP

Need = tuple[Requirement, int, Sequence[Unit]]
"""A requirement of a session that starts at the instant, and the units it may choose from."""


class Ledger:
    """Counts of lanes in use; `units` by id."""

    def __init__(self, units: Iterable[Unit], bookings: Iterable[Booking]) -> None:
        self.units = {unit.id: unit for unit in units}
        self.open: dict[str, set[int]] = {unit: set() for unit in self.units}
        for unit in self.units.values():
            for start, end in unit.opens:
                self.open[unit.id].update(range(-(-start // STEP), end // STEP))
        self.used: Counter[tuple[str, int]] = Counter()
        for booking in bookings:
            for slot in slots(booking.start, booking.end):
                self.used[booking.unit, slot] += 1

    def room(self, unit: Unit, start: int, end: int, lanes: int) -> bool:
        """Whether the unit works throughout and has that many lanes left throughout."""
        return all(
            slot in self.open[unit.id]
            and (lanes == 0 or self.used[unit.id, slot] + lanes <= unit.capacity)
            for slot in slots(start, end)
        )

    def take(self, unit: Unit, start: int, end: int, lanes: int) -> None:
        for slot in slots(start, end):
            self.used[unit.id, slot] += lanes

    def bindable(self, needs: Sequence[Need]) -> bool:
        """Whether every need can be met at once: tries everything.

        Simultaneous requirements of one session are met by different units.
        """
        return self._bind(list(needs), [])

    def _bind(self, needs: list[Need], bound: list[tuple[Requirement, int, Unit]]) -> bool:
        if not needs:
            return True
        requirement, start, candidates = needs[0]
        begin, end = span(requirement, start)
        for unit in candidates:
            lanes = lanes_of(requirement, unit)
            if not self.room(unit, begin, end, lanes):
                continue
            if lanes and any(
                unit.id == other.id
                and start == at
                and lanes_of(theirs, other)
                and meet((begin, end), span(theirs, at))
                for theirs, at, other in bound
            ):
                continue
            self.take(unit, begin, end, lanes)
            try:
                if self._bind(needs[1:], [*bound, (requirement, start, unit)]):
                    return True
            finally:
                self.take(unit, begin, end, -lanes)
        return False


def slots(start: int, end: int) -> Iterator[int]:
    """The five-minute slots that a period touches."""
    return iter(range(start // STEP, -(-end // STEP)))


def span(requirement: Requirement, start: int) -> tuple[int, int]:
    return start + 60 * requirement.start, start + 60 * requirement.end


def meet(one: tuple[int, int], two: tuple[int, int]) -> bool:
    return one[0] < two[1] and two[0] < one[1]


def lanes_of(requirement: Requirement, unit: Unit) -> int:
    if requirement.present:
        return 0
    return unit.capacity if requirement.alone else 1


def suits(unit: Unit, requirement: Requirement, wishes: Wishes, day: int) -> bool:
    """Whether the unit may serve this requirement of this patient on this local day at all."""
    if requirement.role not in unit.roles:
        return False
    if requirement.qualification is not None:
        if requirement.qualification not in unit.qualifications:
            return False
        last = unit.qualifications[requirement.qualification]
        if last is not None and day > last:
            return False
    asked = wishes.languages if requirement.speaks and unit.person else frozenset()
    if asked and not asked & unit.languages:
        return False
    if requirement.present:
        return True
    if not unit.person and not wishes.access <= unit.features:
        return False
    return wishes.practitioners.get(requirement.role, unit.id) == unit.id
