"""A visit runs over, or its patient comes late: what slips, who waits how long, and the order of
the rest of the day that harms least.

People stay who they are; a place may be swapped for one like it. Nobody is asked to come earlier
than planned. **Harm** is counted in minutes: one for each minute that somebody waits who came late,
two for one who came on time, three for each minute past closing time, and five for each visit that
begins at another time, for somebody has to be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

from scheduling.core.grid import SLOT

EXACT = 6
"""So many slipping visits are tried in every order; more keep their order but for neighbours."""
TOLD, OVERTIME, ON_TIME = 5, 3, 2
WAYS = 40
"""How often two neighbours are tried the other way round."""


@dataclass(frozen=True, slots=True)
class Need:
    """One lane of one unit, from and to in seconds after the visit's start. `units` are all that
    would do, the present one first."""

    units: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Visit:
    """`start` and `earliest` in POSIX seconds: planned, and when the patient can begin. `fixed`:
    begun, or over; it keeps its time and its units."""

    id: str
    start: int
    minutes: int
    needs: tuple[Need, ...]
    earliest: int
    fixed: bool = False
    patient: str = ""


@dataclass(frozen=True, slots=True)
class Slip:
    """A visit that begins later or elsewhere. `wait` in minutes after the patient is there;
    `overtime` minutes past the closing of what it needs."""

    id: str
    before: int
    after: int
    wait: int
    units: tuple[str, ...]
    overtime: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What slips, by new start. `harm` compares orders."""

    slips: tuple[Slip, ...]
    harm: int = 0


@dataclass(slots=True)
class _Day:
    capacity: Mapping[str, int]
    closes: Mapping[str, int]
    taken: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    busy: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def copy(self) -> _Day:
        return _Day(
            self.capacity,
            self.closes,
            {unit: list(rows) for unit, rows in self.taken.items()},
            {patient: list(rows) for patient, rows in self.busy.items()},
        )

    def free(self, unit: str, low: int, high: int) -> bool:
        rows = [row for row in self.taken.get(unit, ()) if row[0] < high and row[1] > low]
        edges = [low, *(start for start, _ in rows if start > low)]
        most = max(sum(start <= at < end for start, end in rows) for at in edges)
        return most < self.capacity.get(unit, 1)

    def put(self, visit: Visit, start: int, units: Sequence[str]) -> None:
        for need, unit in zip(visit.needs, units, strict=True):
            self.taken.setdefault(unit, []).append((start + need.start, start + need.end))
        if visit.patient:
            end = start + visit.minutes * 60
            self.busy.setdefault(visit.patient, []).append((start, end))

    def place(self, visit: Visit, start: int) -> tuple[str, ...] | None:
        """Units for the visit at this start; None where something is taken."""
        end = start + visit.minutes * 60
        if any(low < end and high > start for low, high in self.busy.get(visit.patient, ())):
            return None
        chosen: list[str] = []
        for need in visit.needs:
            low, high = start + need.start, start + need.end
            unit = next((one for one in need.units if self.free(one, low, high)), None)
            if unit is None:
                return None
            chosen.append(unit)
        return tuple(chosen)


def slipping(
    visits: Sequence[Visit], *, capacity: Mapping[str, int], closes: Mapping[str, int]
) -> Outcome:
    """The rest of the day put right with the least harm.

    `visits` are those of one day with the disturbance in them: the one that runs over is `fixed`
    with its new length, the late one has a later `earliest`. `closes` gives the end of each unit's
    hours (POSIX seconds). What still fits stays exactly where it is.
    """
    day = _Day(capacity, closes)
    for visit in visits:
        if visit.fixed:
            day.put(visit, visit.start, [need.units[0] for need in visit.needs])
    loose = sorted((one for one in visits if not one.fixed), key=lambda one: (one.start, one.id))
    affected = _affected(day, loose)
    still = [one for one in loose if one.id not in affected]
    for one in still:
        day.put(one, one.start, [need.units[0] for need in one.needs])
    moving = [one for one in loose if one.id in affected]
    best: Outcome | None = None
    for order in _orders(moving):
        outcome = _in_order(day, order)
        if best is None or outcome.harm < best.harm:
            best = outcome
    return best or Outcome(())


def _affected(day: _Day, loose: Sequence[Visit]) -> set[str]:
    """Visits that cannot begin as planned, and all that a push of these may touch: whatever comes
    later and shares a unit or the patient with one of them."""
    probe = day.copy()
    affected: set[str] = set()
    units: dict[str, int] = {}
    for one in loose:
        own = [need.units[0] for need in one.needs]
        touched = any(unit in units and one.start >= units[unit] for unit in [*own, one.patient])
        fits = one.earliest <= one.start and all(
            probe.free(unit, one.start + need.start, one.start + need.end)
            for need, unit in zip(one.needs, own, strict=True)
        )
        if fits and not touched:
            probe.put(one, one.start, own)
        else:
            affected.add(one.id)
            for unit in [*(unit for need in one.needs for unit in need.units), one.patient]:
                units[unit] = min(units.get(unit, one.start), one.start)
    return affected


def _orders(moving: Sequence[Visit]) -> Iterator[Sequence[Visit]]:
    """As planned first, so that of two orders that harm alike the planned one is kept."""
    if len(moving) <= EXACT:
        yield from permutations(moving)
        return
    yield moving
    for place in range(min(len(moving) - 1, WAYS)):
        swapped = list(moving)
        swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
        yield swapped


def _in_order(day: _Day, order: Sequence[Visit]) -> Outcome:
    """Each visit in turn at its first possible start."""
    now = day.copy()
    slips, harm = [], 0
    for one in order:
        start = max(one.start, -(-one.earliest // SLOT) * SLOT)
        while (units := now.place(one, start)) is None:
            start += SLOT
        now.put(one, start, units)
        wait = max(0, start - max(one.start, one.earliest)) // 60
        late = _overtime(day, one, start, units)
        harm += wait * (1 if one.earliest > one.start else ON_TIME) + OVERTIME * late
        harm += TOLD if start != one.start else 0
        if start != one.start or units != tuple(need.units[0] for need in one.needs):
            slips.append(Slip(one.id, one.start, start, wait, units, late))
    return Outcome(tuple(sorted(slips, key=lambda one: (one.after, one.id))), harm)


def _overtime(day: _Day, one: Visit, start: int, units: Sequence[str]) -> int:
    over = [
        start + need.end - day.closes[unit]
        for need, unit in zip(one.needs, units, strict=True)
        if unit in day.closes and one.start + need.end <= day.closes[unit]
    ]
    return max([0, *over]) // 60


def runs_over(visit: Visit, minutes: int) -> Visit:
    """The visit that is under way, with all that it holds at its end held so much longer."""
    needs = tuple(
        replace(need, end=need.end + minutes * 60) if need.end >= visit.minutes * 60 else need
        for need in visit.needs
    )
    return replace(visit, minutes=visit.minutes + minutes, needs=needs, fixed=True)


def comes_late(visit: Visit, minutes: int) -> Visit:
    """The visit whose patient is there so many minutes after its start."""
    return replace(visit, earliest=visit.start + minutes * 60)
