"""When a clinic can give a service, by counting lanes in numpy arrays over the whole horizon.

A second way to the start masks, for the reference models and the step-by-step baseline. Exact where
no two requirements that overlap in time compete for one unit, as in the seeded clinics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from scheduling.core.service import Service
from tests.core.oracle.case import STEP, Case
from tests.core.oracle.ledger import lanes_of, suits

Slots = NDArray[np.bool_]


class Counted:
    """Open hours and lanes in use of every unit, one number per five minutes from `zero` on."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.zero, self.end = case.instants().start, case.instants().stop
        size = (self.end - self.zero) // STEP
        self.open = {unit.id: np.zeros(size, bool) for unit in case.units}
        self.used = {unit.id: np.zeros(size, np.int16) for unit in case.units}
        for unit in case.units:
            for start, end in unit.opens:
                self.open[unit.id][self.slot(start) : self.slot(end)] = True
        for row in case.bookings:
            self.used[row.unit][self.slot(row.start) : self.slot(row.end)] += 1
        self._joint: dict[object, Slots] = {}

    def slot(self, instant: int) -> int:
        return (instant - self.zero) // STEP

    def joint(self, service: Service, people: Mapping[str, str]) -> Slots:
        """Starts at which all requirements can be met, with these units in these roles."""
        key = (service, tuple(sorted(people.items())))
        if key not in self._joint:
            result = np.ones(len(next(iter(self.open.values()))), bool)
            for need in service.requirements:
                able = np.zeros_like(result)
                for unit in self.case.units:
                    if not suits(unit, need, self.case.wishes, self.case.first.toordinal()):
                        continue
                    if people.get(need.role, unit.id) != unit.id and not need.present:
                        continue
                    lanes = lanes_of(need, unit)
                    free = self.open[unit.id].copy()
                    if lanes:
                        free &= self.used[unit.id] + lanes <= unit.capacity
                    able |= _throughout(free, need.start * 60 // STEP, need.end * 60 // STEP)
                result &= able
            self._joint[key] = result
        return self._joint[key]

    def flush(self, service: Service, people: Mapping[str, str]) -> Slots:
        """Slots next to one at which the service cannot start."""
        joint = self.joint(service, people)
        both = np.zeros_like(joint)
        both[1:-1] = joint[:-2] & joint[2:]
        return ~both

    def instants(self, slots: Slots) -> list[int]:
        return [self.zero + STEP * int(slot) for slot in np.flatnonzero(slots)]

    def at(self, slots: Slots, instants: Iterable[int]) -> list[int]:
        """Those of the instants whose slot is set."""
        return [instant for instant in instants if slots[self.slot(instant)]]


def _throughout(free: Slots, low: int, high: int) -> Slots:
    """Starts from which slots `low` to `high` (half-open) are all free."""
    blocked = np.concatenate(([0], np.cumsum(~free)))
    result = np.zeros_like(free)
    last = len(free) - high
    result[:last] = blocked[high : high + last] == blocked[low : low + last]
    return result
