"""What is free day by day, to be taken and given back thousands of times a second.

The masks of `availability.py` answer for whole horizons and are shared; a repair tries many ways to
place a few sessions on a few days. Here each day of a unit is one short row with thermometer planes
of its own, read from the shared masks when it is first asked for. A start means the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from scheduling.core.availability import SLOT_MINUTES, Availability
from scheduling.core.bits import erode, lowered, raised
from scheduling.core.clinic import Booking
from scheduling.core.joint import any_of, entangled, jointly
from scheduling.core.plan import Taken
from scheduling.core.pools import Pools
from scheduling.core.service import Requirement, Service


class Kind:
    """A service with one pool of units per requirement, known by identity: both are long to hash,
    and are asked for all the time."""

    __slots__ = ("groups", "length", "pools", "presence", "service")

    def __init__(self, service: Service, pools: Pools) -> None:
        self.service, self.pools = service, pools
        slots = -(
            -max([service.minutes, *(need.end for need in service.requirements)]) // SLOT_MINUTES
        )
        self.length = slots
        both = list(zip(service.requirements, pools, strict=True))
        self.presence = [(need, pool) for need, pool in both if need.present]
        needs = [(need, dict.fromkeys(pool, 0)) for need, pool in both if not need.present]
        self.groups = [[(need, tuple(pool)) for need, pool in group] for group in entangled(needs)]


class _Row:
    """One unit on one day: open slots, planes of what is taken, and the starts found so far."""

    __slots__ = ("known", "open", "planes")

    def __init__(self, opens: int, planes: list[int]) -> None:
        self.open, self.planes = opens, planes
        self.known: dict[Requirement, int] = {}


class DayCapacity:
    """A view of an availability in which sessions come and go; the availability stays as it is."""

    def __init__(self, availability: Availability) -> None:
        self.grid, self.units = availability.grid, availability.units
        self._from = availability
        self._rows: dict[tuple[str, int], _Row] = {}
        self._kinds: dict[tuple[Service, Pools], Kind] = {}
        self._starts: dict[tuple[Kind, int], tuple[int, int]] = {}
        self._news: dict[int, int] = {}

    def take(self, taken: Iterable[Taken]) -> None:
        """Take these lanes."""
        for one in taken:
            for day, bits in self.grid.clip(one.start, one.end) if one.lanes else ():
                row = self._changing(one.unit, day)
                for _ in range(one.lanes):
                    row.planes = raised(row.planes, bits)

    def give_back(self, taken: Iterable[Taken]) -> None:
        """Give these lanes back; they were taken."""
        for one in taken:
            for day, bits in self.grid.clip(one.start, one.end) if one.lanes else ():
                row = self._changing(one.unit, day)
                for _ in range(one.lanes):
                    row.planes = lowered(row.planes, bits)

    def stretch(
        self,
        day: int,
        slots: int,
        shut: Iterable[Booking] = (),
        longer: Iterable[Booking] = (),
    ) -> None:
        """Let everybody who works on that day, and every place that is open, go on for so many
        slots more, as long as the day lasts; not while they are `shut`. Who stays `longer` already
        stays no longer than that in all."""
        self._news[day] = self._news.get(day, 0) + 1
        never, already = self._bits(day, shut), self._bits(day, longer)
        for unit in self.units:
            row = self._row(unit, day)
            end = (row.open & ~already.get(unit, 0)).bit_length()
            if end:
                more = (((1 << slots) - 1) << end) & ((1 << self.grid.slots(day)) - 1)
                row.open |= more & ~never.get(unit, 0)
                row.known = {}

    def _bits(self, day: int, spans: Iterable[Booking]) -> dict[str, int]:
        """The slots of the day that these take, by unit."""
        found: dict[str, int] = {}
        for one in spans:
            for other, bits in self.grid.clip(one.start, one.end):
                if other == day:
                    found[one.unit] = found.get(one.unit, 0) | bits
        return found

    def kind(self, service: Service, pools: Pools) -> Kind:
        """The one `Kind` of this service and these pools."""
        key = (service, pools)
        if key not in self._kinds:
            self._kinds[key] = Kind(service, pools)
        return self._kinds[key]

    def starts(self, kind: Kind, day: int) -> int:
        """The row of its starts on one day."""
        news = self._news.get(day, 0)
        known = self._starts.get((kind, day))
        if known is not None and known[0] == news:
            return known[1]
        bits = self._compile(kind, day)
        self._starts[kind, day] = (news, bits)
        return bits

    def serving(self, need: Requirement, pool: Iterable[str], day: int) -> bool:
        """Whether any of the units can serve one requirement at some time of the day."""
        return any(self._serves(unit, need, day) for unit in pool)

    def rows_of(self, service: Service, pools: Pools, first: int, last: int) -> list[int]:
        """The starts on days `first` … `last` (both included), row by row."""
        kind = self.kind(service, pools)
        return [self.starts(kind, day) for day in range(first, last + 1)]

    def free(self, unit_id: str, requirement: Requirement, start: int) -> bool:
        """Whether one unit can serve one requirement of a session starting then."""
        day, slot = self.grid.locate(start)
        return bool(self._serves(unit_id, requirement, day) >> slot & 1)

    def taken_at(self, unit_id: str, instant: int) -> bool:
        """Whether the unit is closed or has a lane taken in the slot beginning at `instant`."""
        try:
            day, slot = self.grid.locate(instant)
        except ValueError:
            return True
        row = self._row(unit_id, day)
        return not row.open >> slot & 1 or bool(row.planes and row.planes[0] >> slot & 1)

    def _compile(self, kind: Kind, day: int) -> int:
        bits = (1 << max(self.grid.slots(day) + 1 - kind.length, 0)) - 1
        for need, pool in kind.presence:
            bits &= any_of(self._serves(unit, need, day) for unit in pool)
        for group in kind.groups:
            if not bits:
                break
            if len(group) == 1:
                [(need, pool)] = group
                bits &= any_of(self._serves(unit, need, day) for unit in pool)
            else:
                needs = [
                    (need, {u: self._serves(u, need, day) for u in pool}) for need, pool in group
                ]
                bits &= jointly(needs, bits)
        return bits

    def _serves(self, unit_id: str, need: Requirement, day: int) -> int:
        """Session starts of the day at which this unit can serve this requirement."""
        row = self._row(unit_id, day)
        known = row.known.get(need)
        if known is not None:
            return known
        unit, bits = self.units[unit_id], row.open
        if need.qualification is not None:
            until = unit.qualifications.get(need.qualification, -1)
            if until is not None and until < self.grid.date_of(day).toordinal():
                bits = 0
        if bits and not need.present:
            taken = 0 if need.alone else unit.capacity - 1
            if taken < len(row.planes):
                bits &= ~row.planes[taken]
        # Rounded outwards to whole slots.
        offset, end = need.start // SLOT_MINUTES, -(-need.end // SLOT_MINUTES)
        row.known[need] = bits = erode(bits, end - offset) >> offset
        return bits

    def _row(self, unit_id: str, day: int) -> _Row:
        row = self._rows.get((unit_id, day))
        if row is None:
            row = self._rows[unit_id, day] = _Row(*self._from.day_of_unit(unit_id, day))
        return row

    def _changing(self, unit_id: str, day: int) -> _Row:
        row = self._row(unit_id, day)
        row.known = {}
        self._news[day] = self._news.get(day, 0) + 1
        return row
