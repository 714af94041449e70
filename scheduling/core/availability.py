"""Who and what is free, as bits, and from them every feasible start of a service.

For each unit we keep its open slots and *thermometer* planes: plane k holds the slots in which more
than k lanes are taken. A service's start mask follows by erosion: a requirement of n slots at
offset o holds where a unit is free for n slots from o on; any unit of its pool will do (OR); all
requirements must hold together (AND). Masks are kept per distinct pools and brought current only
for the days that changed.

The meaning of a start, precisely: there is a choice of one unit for each requirement, from its
pool, such that each is open and has a free lane (all lanes, if `alone`) during the whole
requirement, holds the qualification on that local day, and no unit serves two requirements of the
session at the same moment. `present` needs a unit of the pool that is open throughout; it may serve
another requirement as well. Everything, the patient's own time too, lies within one local day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scheduling.core.bits import erode, lowered, ones, pack, patch, raised, section, unpack
from scheduling.core.clinic import Booking, Unit
from scheduling.core.grid import ROW, SLOT, DayGrid
from scheduling.core.intervals import subtract, union
from scheduling.core.joint import any_of, entangled, jointly
from scheduling.core.pools import Pools, pools_for
from scheduling.core.service import Requirement, Service

CACHED_MASKS = 512
SLOT_MINUTES = SLOT // 60


@dataclass(slots=True)
class _Mask:
    bits: int
    stale: int  # days to compute again, as bits
    units: frozenset[str]


class Availability:
    """The units of one site, what is taken of them, and cached start masks.

    Bookings of units not named, or outside the grid, are ignored. Threads may share it to ask, not
    to change it; `without` gives an independent view.
    """

    def __init__(self, grid: DayGrid, units: Sequence[Unit], bookings: Iterable[Booking]) -> None:
        self.grid = grid
        self.units: dict[str, Unit] = {unit.id: unit for unit in units}
        self._frame = pack([(1 << grid.slots(day)) - 1 for day in range(grid.days)])
        self._fits: dict[int, int] = {}
        self._masks: dict[tuple[Service, Pools], _Mask] = {}
        self._open = {unit.id: pack(_open_rows(grid, unit)) for unit in units}
        self._planes = _thermometers(grid, self.units, bookings)

    def replace(
        self, unit_id: str, first_day: int, last_day: int, bookings: Iterable[Booking]
    ) -> None:
        """Set what is taken of one unit on days `first_day` … `last_day` (both included).

        Parts of `bookings` on other days are ignored. Raises KeyError for an unknown unit.
        """
        first_day, last_day = max(first_day, 0), min(last_day, self.grid.days - 1)
        if first_day > last_day:
            return
        low, high = self.grid.midnights[first_day], self.grid.midnights[last_day + 1]
        inside = [
            Booking(unit_id, max(row.start, low), min(row.end, high))
            for row in bookings
            if row.unit == unit_id and row.start < high and row.end > low
        ]
        unit = self.units[unit_id]
        fresh = _thermometers(self.grid, {unit_id: unit}, inside)[unit_id]
        old = self._planes[unit_id]
        blank = [0] * max(len(fresh), len(old))
        self._planes[unit_id] = [
            patch(was, first_day, last_day, section(now, first_day, last_day))
            for was, now in zip(_padded(old, blank), _padded(fresh, blank), strict=True)
        ]
        self._mark(unit_id, ((1 << (last_day + 1)) - 1) >> first_day << first_day)

    def set_unit(self, unit: Unit) -> None:
        """Take a unit's new hours, capacity, roles or qualifications; add it if it is new."""
        known = self.units.get(unit.id)
        self.units[unit.id] = unit
        self._planes.setdefault(unit.id, [])
        rows = pack(_open_rows(self.grid, unit))
        changed = rows ^ self._open.get(unit.id, 0)
        self._open[unit.id] = rows
        if known is None or known.roles != unit.roles:
            self._masks = {}  # pools may have changed
        elif (known.capacity, known.qualifications) != (unit.capacity, unit.qualifications):
            self._mark(unit.id, (1 << self.grid.days) - 1)
        else:
            self._mark(unit.id, sum(1 << day for day in {bit // ROW for bit in ones(changed)}))

    def copy(self) -> Availability:
        """The same, to be changed on its own."""
        copy = object.__new__(Availability)
        copy.grid, copy.units = self.grid, self.units
        copy._frame, copy._fits = self._frame, self._fits
        copy._open = self._open
        copy._planes = dict(self._planes)
        copy._masks = {k: _Mask(m.bits, m.stale, m.units) for k, m in self._masks.copy().items()}
        return copy

    def without(self, bookings: Iterable[Booking]) -> Availability:
        """A view in which these bookings are free again. This object stays as it is, and is its
        own view of none: what it computes is kept for whoever asks next."""
        bookings = list(bookings)
        if not bookings:
            return self
        view = self.copy()
        for row in bookings:
            planes = view._planes.get(row.unit)
            for day, bits in self.grid.clip(row.start, row.end) if planes else ():
                view._planes[row.unit] = planes = lowered(planes or [], bits << (ROW * day))
                view._mark(row.unit, 1 << day)
        return view

    def closing(self, spans: Iterable[Booking]) -> Availability:
        """A view in which these units are closed for these periods. This object stays as it is."""
        view = self.copy()
        view.units, view._open = dict(self.units), dict(self._open)
        for span in spans:
            unit = view.units.get(span.unit)
            if unit is not None:
                left = subtract(unit.opens, [(span.start, span.end)])
                view.set_unit(replace(unit, opens=left))
        return view

    def opening(self, spans: Iterable[Booking]) -> Availability:
        """A view in which these units are open for these periods as well. This object stays as it
        is, and is its own view of none."""
        spans = [one for one in spans if one.unit in self.units]
        if not spans:
            return self
        view = self.copy()
        view.units, view._open = dict(self.units), dict(self._open)
        for span in spans:
            unit = view.units[span.unit]
            view.set_unit(replace(unit, opens=union(unit.opens, [(span.start, span.end)])))
        return view

    def taking(self, bookings: Iterable[Booking]) -> Availability:
        """A view in which these bookings are taken as well. This object stays as it is."""
        view = self.copy()
        for row in bookings:
            for day, bits in self.grid.clip(row.start, row.end) if row.unit in self.units else ():
                view._planes[row.unit] = raised(view._planes[row.unit], bits << (ROW * day))
                view._mark(row.unit, 1 << day)
        return view

    def load(self, unit_id: str, first_day: int, last_day: int) -> tuple[int, int]:
        """How many lanes times slots the unit has open on these days (both included), and how many
        of them are taken."""
        opens = section(self._open[unit_id], first_day, last_day)
        planes = (section(plane, first_day, last_day) for plane in self._planes[unit_id])
        taken = sum((plane & opens).bit_count() for plane in planes)
        return opens.bit_count() * self.units[unit_id].capacity, taken

    def start_mask(
        self, service: Service, allowed: Mapping[str, frozenset[str]] | None = None
    ) -> int:
        """Every start of the service, as bits: `ROW` per day. `allowed` narrows units by role."""
        return self.mask_of(service, pools_for(self.units, service, allowed=allowed))

    def mask_of(self, service: Service, pools: Pools) -> int:
        """Every start with one pool of units per requirement."""
        key = (service, pools)
        mask = self._masks.get(key)
        if mask is None:
            bits = self._compile(service, pools, 0, self.grid.days - 1)
            if len(self._masks) >= CACHED_MASKS:
                self._masks.pop(next(iter(self._masks)), None)
            units = frozenset(unit for pool in pools for unit in pool)
            self._masks[key] = _Mask(bits, 0, units)
            return bits
        if mask.stale:
            bits = mask.bits
            for first, last in _runs(mask.stale):
                part = self._compile(service, pools, first, last)
                bits = patch(bits, first, last, part)
            # Put in place whole: another thread may be reading at this moment.
            self._masks[key] = mask = _Mask(bits, 0, mask.units)
        return mask.bits

    def rows_of(self, service: Service, pools: Pools, first: int, last: int) -> list[int]:
        """The starts on days `first` … `last` (both included), row by row.

        Read from the kept mask where there is one; otherwise only these days are computed.
        """
        if (service, pools) in self._masks:
            return unpack(self.mask_of(service, pools), first, last)
        return unpack(self._compile(service, pools, first, last), 0, last - first)

    def free(self, unit_id: str, requirement: Requirement, start: int) -> bool:
        """Whether one unit can serve one requirement of a session starting then."""
        day, slot = self.grid.locate(start)
        bits = self._requirement(unit_id, requirement, day, day)
        return bool(bits >> slot & 1)

    def taken_at(self, unit_id: str, instant: int) -> bool:
        """Whether the unit is closed or has a lane taken in the slot beginning at `instant`."""
        try:
            day, slot = self.grid.locate(instant)
        except ValueError:
            return True
        bit = 1 << (ROW * day + slot)
        planes = self._planes[unit_id]
        return not self._open[unit_id] & bit or bool(planes and planes[0] & bit)

    def day_of_unit(self, unit_id: str, day: int) -> tuple[int, list[int]]:
        """One unit on one day: its open slots, and the planes of what is taken."""
        return (
            section(self._open[unit_id], day, day),
            [section(plane, day, day) for plane in self._planes[unit_id]],
        )

    def open_days(self, unit_id: str) -> int:
        """The days on which the unit is open at all, as bits."""
        rows = unpack(self._open[unit_id], 0, self.grid.days - 1)
        return sum(1 << day for day, row in enumerate(rows) if row)

    def _mark(self, unit_id: str, days: int) -> None:
        for mask in self._masks.values():
            if unit_id in mask.units:
                mask.stale |= days

    def _compile(self, service: Service, pools: Pools, first: int, last: int) -> int:
        length = max([service.minutes, *(need.end for need in service.requirements)])
        bits = section(self._fit(-(-length // SLOT_MINUTES)), first, last)
        needs = []
        for need, pool in zip(service.requirements, pools, strict=True):
            choices = {unit: self._requirement(unit, need, first, last) for unit in pool}
            if need.present:
                bits &= any_of(choices.values())
            else:
                needs.append((need, choices))
        for group in entangled(needs):
            if not bits:
                break
            bits &= jointly(group, bits)
        return bits

    def _requirement(self, unit_id: str, need: Requirement, first: int, last: int) -> int:
        """Session starts at which this unit can serve this requirement."""
        unit = self.units[unit_id]
        bits = section(self._open[unit_id], first, last)
        if need.qualification is not None:
            if need.qualification not in unit.qualifications:
                return 0
            until = unit.qualifications[need.qualification]
            if until is not None:
                days = until - self.grid.first.toordinal() - first + 1
                bits = bits & ((1 << (ROW * days)) - 1) if days > 0 else 0
        if not need.present:
            taken = 0 if need.alone else unit.capacity - 1
            planes = self._planes[unit_id]
            if taken < len(planes):
                bits &= ~section(planes[taken], first, last)
        # Rounded outwards to whole slots.
        offset, end = need.start // SLOT_MINUTES, -(-need.end // SLOT_MINUTES)
        return erode(bits, end - offset) >> offset

    def _fit(self, slots: int) -> int:
        """Starts from which so many slots remain in the same day."""
        if slots not in self._fits:
            self._fits[slots] = erode(self._frame, slots)
        return self._fits[slots]


def _open_rows(grid: DayGrid, unit: Unit) -> list[int]:
    rows = [0] * grid.days
    for start, end in unit.opens:
        # Rounded inwards: part of a slot is of no use.
        start, end = -(-start // SLOT) * SLOT, end // SLOT * SLOT
        for day, bits in grid.clip(start, end):
            rows[day] |= bits
    return rows


def _thermometers(
    grid: DayGrid, units: Mapping[str, Unit], bookings: Iterable[Booking]
) -> dict[str, list[int]]:
    midnights, days = grid.midnights, grid.days
    rows: dict[str, list[list[int]]] = {unit: [] for unit in units}
    for row in bookings:
        planes = rows.get(row.unit)
        if planes is None:
            continue
        day = bisect_right(midnights, row.start) - 1
        if 0 <= day < days and row.end <= midnights[day + 1]:  # the common case, kept short
            base = midnights[day]
            first, last = (row.start - base) // SLOT, -((base - row.end) // SLOT)
            _raise(planes, day, (1 << last) - (1 << first), days)
        else:
            for day, bits in grid.clip(row.start, row.end):
                _raise(planes, day, bits, days)
    return {unit: [pack(plane) for plane in planes] for unit, planes in rows.items()}


def _raise(planes: list[list[int]], day: int, bits: int, days: int) -> None:
    """One more lane taken in these slots of the day."""
    for plane in planes:
        both = plane[day] & bits
        plane[day] |= bits
        bits = both
        if not bits:
            return
    planes.append([0] * days)
    planes[-1][day] = bits


def _padded(planes: Sequence[int], blank: Sequence[int]) -> list[int]:
    return [*planes, *blank[len(planes) :]]


def _runs(days: int) -> list[tuple[int, int]]:
    """Consecutive days, as (first, last), of a day bitset."""
    runs: list[tuple[int, int]] = []
    for day in ones(days):
        if runs and runs[-1][1] == day - 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
