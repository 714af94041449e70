"""A repair while it is being made: who has a place, and which is the cheapest for another."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from random import Random

from scheduling.core.assign import assign
from scheduling.core.bits import ones
from scheduling.core.change import OTHER_PERSON
from scheduling.core.clinic import Booking
from scheduling.core.course import Step
from scheduling.core.course_room import Room, Stand, stand_of
from scheduling.core.day_capacity import DayCapacity, Kind
from scheduling.core.plan import Session
from scheduling.core.repair import UNPLACED, Disturbed, Key, Pin, Shock, price_of_move
from scheduling.core.repair_case import Case, case_of

USUAL_CLOCK = 0.7
"""How often a varied search takes the start nearest to the usual time of day, not just any."""


@dataclass(frozen=True, slots=True)
class Place:
    """A session where it would go, what it takes there, and what that costs."""

    session: Session
    stand: Stand
    price: int


class Table:
    """Sessions come and go; what is free, and the rules of each course, follow."""

    def __init__(self, shock: Shock, *, moved: Collection[Key] = frozenset()) -> None:
        """`moved` stand already where a repair puts them."""
        self.shock, self.grid = shock, shock.availability.grid
        self.capacity = DayCapacity(shock.availability)
        self.places: dict[Key, Place] = {}
        self.cases: dict[Key, Case] = {}
        self._stands: dict[str, dict[str, Stand]] = {}
        self._rooms: dict[str, Room] = {}
        self._moved = moved
        for course in shock.courses:
            self._add(course)

    def cheapest(self, key: Key, rng: Random | None = None) -> Place | None:
        """The cheapest place for a session that has none, of equal ones the one nearest to where it
        was; with `rng` sometimes another start of that day."""
        case, best = self.cases[key], UNPLACED
        found: tuple[int, int, Kind] | None = None
        kinds = self._by_company(case)
        for day, row in self._rows(case):
            floor = price_of_move((case.stand.day, 0), (day, 0))
            if floor >= best:
                break
            for extra, _, kind in kinds:
                if floor + extra >= best:
                    break
                starts = row & self.capacity.starts(kind, day)
                if starts:
                    slot = self._slot(case, day, starts, rng)
                    price = extra + self._price(case, day, slot)
                    if price < best:
                        best, found = price, (day, slot, kind)
        return self._place(case, *found, best) if found else None

    def choices(self, key: Key) -> Iterator[tuple[int, int, int, Kind]]:
        """Every place of a session that has none, as (price, day, slot, kind); near days first."""
        case = self.cases[key]
        for day, row in self._rows(case):
            for extra, _, kind in case.kinds:
                for slot in ones(row & self.capacity.starts(kind, day)):
                    yield extra + self._price(case, day, slot), day, slot, kind

    def at(self, key: Key, pin: Pin) -> Place | None:
        """The place that somebody wants for a session that has none, if it keeps the rules."""
        case = self.cases[key]
        try:
            day, slot = self.grid.locate(pin.start)
        except ValueError:
            return None
        if self.grid.instant(day, slot) != pin.start and pin.start != case.was.start:
            return None
        wanted = dict(self._rows(case, only=day)).get(day, 0)
        for extra, _, kind in case.kinds:
            if any(
                need.role in pin.units and pin.units[need.role] not in pool
                for need, pool in zip(kind.service.requirements, kind.pools, strict=True)
                if not need.present
            ):
                continue
            pools = tuple(
                pool if need.present or need.role not in pin.units else (pin.units[need.role],)
                for need, pool in zip(kind.service.requirements, kind.pools, strict=True)
            )
            narrow = self.capacity.kind(kind.service, pools)
            if wanted & self.capacity.starts(narrow, day) & (1 << slot):
                price = extra + self._price(case, day, slot)
                return self._place(case, day, slot, narrow, price)
        return None

    def take(self, key: Key, day: int, slot: int, kind: Kind, price: int) -> Place:
        """One of `choices` as a place."""
        return self._place(self.cases[key], day, slot, kind, price)

    def window(self, key: Key) -> tuple[int, int]:
        """The first and the last day that the rules leave a session, beside all that has a place;
        the last lies before the first where they leave none."""
        course, step = key
        first, last, _ = self._rooms[course].days(step, self._stands[course])
        days = self.cases[key].possible
        return max(first, min(days, default=0)), min(last, max(days, default=-1))

    def put(self, key: Key, place: Place) -> None:
        """Give the session this place."""
        self.places[key] = place
        self._stands[key[0]][key[1]] = place.stand
        self.capacity.take(place.session.taken)

    def hold(self, key: Key, session: Session, price: int) -> None:
        """Give the session a place that was found elsewhere."""
        self.put(key, Place(session, stand_of(self.grid, session), price))

    def price_between(self, step: Step, was: Session, now: Session) -> int:
        """The price of one session's change."""
        one, other = stand_of(self.grid, was), stand_of(self.grid, now)
        role = step.service.continuity
        before = {taken.unit for taken in was.taken if taken.role == role}
        after = {taken.unit for taken in now.taken if taken.role == role}
        person = OTHER_PERSON if before and after and before != after else 0
        return person + price_of_move((one.day, one.start), (other.day, other.start))

    def lift(self, key: Key) -> Place:
        """Take the session from its place again."""
        place = self.places.pop(key)
        del self._stands[key[0]][key[1]]
        self.capacity.give_back(place.session.taken)
        return place

    @property
    def price(self) -> int:
        placed = sum(place.price for place in self.places.values())
        return placed + UNPLACED * (len(self.cases) - len(self.places))

    def bookings(self, apart_from: str) -> list[Booking]:
        """What the sessions with a place take, those of one course left out."""
        return [
            row
            for (course, _), place in self.places.items()
            if course != apart_from
            for row in bookings_of(place.session)
        ]

    def _rows(self, case: Case, only: int | None = None) -> Iterator[tuple[int, int]]:
        """The starts of each day that the rules and the patient allow, the nearest day first."""
        course, step = case.key
        room, others = self._rooms[course], self._stands[course]
        first, last, shut = room.days(step, others)
        for day in case.days if only is None else [only]:
            row = 0
            if first <= day <= last and day not in shut and day in case.possible:
                row = case.possible[day] & room.row(step, day, others)
            if day == case.stand.day and case.fits_grid and self._may_stay(case):
                row |= 1 << case.stand.start
            if row:
                yield day, row

    def _may_stay(self, case: Case) -> bool:
        """A session may keep its start beside all that kept theirs, whatever was wrong before."""
        course, step = case.key
        moved = {
            name: where
            for name, where in self._stands[course].items()
            if (course, name) in self._moved
            or ((course, name) in self.places and where != self.cases[course, name].stand)
        }
        if not moved:
            return True
        room, day = self._rooms[course], case.stand.day
        first, last, shut = room.days(step, moved)
        row = room.row(step, day, moved)
        return first <= day <= last and day not in shut and bool(row >> case.stand.start & 1)

    def _slot(self, case: Case, day: int, starts: int, rng: Random | None) -> int:
        usual = case.stand.start
        if rng is not None and day != case.stand.day and rng.random() > USUAL_CLOCK:
            return rng.choice(list(ones(starts)))
        later, earlier = starts >> usual << usual, starts & ((1 << usual) - 1)
        after, before = (later & -later).bit_length() - 1, earlier.bit_length() - 1
        if after < 0 or (before >= 0 and usual - before < after - usual):
            return before
        return after

    def _price(self, case: Case, day: int, slot: int) -> int:
        return price_of_move((case.stand.day, case.stand.start), (day, slot))

    def _place(self, case: Case, day: int, slot: int, kind: Kind, price: int) -> Place:
        start = self.grid.instant(day, slot)
        service = kind.service
        taken = assign(self.capacity, service, start, pools=kind.pools, prefer=case.prefer)
        if taken is None:
            raise AssertionError(f"{case.key}: a start without units")
        end = start + service.minutes * 60
        stand = Stand(day, slot, slot - (-service.minutes // 5))
        return Place(Session(case.step.id, start, end, taken), stand, price)

    def _by_company(self, case: Case) -> list[tuple[int, str, Kind]]:
        """The same persons; of equal ones first who gives the course another session already: one
        new face is enough."""
        if len(case.kinds) == 1:
            return case.kinds
        role = case.step.service.continuity
        company = {
            taken.unit
            for (course, _), place in self.places.items()
            if course == case.key[0]
            for taken in place.session.taken
            if taken.role == role
        }
        if not company:
            return case.kinds
        return sorted(case.kinds, key=lambda one: (one[0], one[1] not in company))

    def _add(self, course: Disturbed) -> None:
        grid, shock = self.grid, self.shock
        earliest = grid.day_of(course.wishes.earliest)
        room = Room(course.course, grid, earliest, shock.limits)
        known = {step.id for step in course.course.steps}
        self._rooms[course.id] = room
        self._stands[course.id] = fixed = {
            name: stand_of(grid, session)
            for name, session in course.current.items()
            if name not in course.affected and name in known
        }
        for step in course.course.steps:
            if step.id in course.affected:
                case = case_of(shock, self.capacity, course, step, room, fixed)
                self.cases[case.key] = case


def bookings_of(session: Session) -> list[Booking]:
    """What a session takes; one for every lane."""
    return [
        Booking(taken.unit, taken.start, taken.end)
        for taken in session.taken
        for _ in range(taken.lanes)
    ]
