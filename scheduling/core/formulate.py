"""From a clinic, a course and a patient's wishes to the search's plain problem.

Day 0 is the patient's earliest date; all days below are counted from it.

- A **start** is an option of a step where the service can start (`availability.py`, with the pools
  narrowed by languages, access and fixed practitioners) and the patient can come (`patient.py`).
- The **price** of a start is `weekday` if weekdays are liked and this is none of them, plus
  `day_part` if day parts are liked and the start lies in none, plus `packing` if it is not flush.
  A start is *flush* if five minutes earlier or five minutes later on the same local day is not a
  start of the service with these pools, whatever the patient can do: it touches a booking or the
  edge of a shift, and leaves no crumbs.
- A **variant** is one unit for each continuity role of the course. It serves every requirement of
  that role in the services whose continuity it is. For each role with a liked practitioner who is
  not the chosen one, the variant costs `practitioner`. Liking for a role without continuity costs
  nothing: nobody is chosen for it when the course is planned.
- **Order** on one day: as in `course.Rule`, and a `talk` session before a treatment.
- **Pause**: the break; and where a requirement reaches past the patient's time (turnover) and the
  next session could use a unit of the same pool, until that requirement has ended. So the sessions
  of one day never compete for a unit, and each can be bound by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product

from scheduling.core.availability import Availability
from scheduling.core.bits import unpack
from scheduling.core.course import Course, DayLimits, Step
from scheduling.core.day_rules import day_rules, same_day_order
from scheduling.core.patient import parts_row, possible_starts
from scheduling.core.pools import Pools, pools_for
from scheduling.core.problem import (
    DayRule,
    Layers,
    Options,
    Problem,
    Task,
    Variant,
    Weights,
)
from scheduling.core.service import Service
from scheduling.core.windows import narrowed
from scheduling.core.wishes import PatientTime, Wishes

Pricing = Callable[[Step, Mapping[str, str], int, int, int], Layers]
"""(step, units of the variant, day, the service's starts, the possible ones) -> priced starts."""


def problem_of(
    availability: Availability,
    course: Course,
    wishes: Wishes,
    *,
    patient: PatientTime,
    limits: DayLimits,
    weights: Weights = Weights(),  # noqa: B008 (immutable)
    first_day: int = 0,
    pricing: Pricing | None = None,
    pinned: Mapping[str, int] | None = None,
    placed: Mapping[str, int] | None = None,
) -> Problem:
    """The problem of placing the course's steps. Without variants: no plan can exist.

    `first_day`: nothing starts before that day. `pricing` replaces the price of a start. `pinned`
    steps stay at their instant, whoever is free; `placed` steps are not placed again but stand on
    their day (an ordinal), also one before the grid.
    """
    placed, pinned = placed or {}, pinned or {}
    steps = tuple(step for step in course.steps if step.id not in placed)
    position = {step.id: index for index, step in enumerate(steps)}
    days = {name: ordinal - wishes.earliest.toordinal() for name, ordinal in placed.items()}
    rules = tuple(day_rules(course, position, days))
    starts = Starts(availability, course, wishes, patient, limits, weights, first_day, pinned)
    variants = []
    for units in starts.continuity():
        options = starts.options(steps, units, rules, pricing)
        if options is not None:
            base = weights.practitioner * sum(
                units.get(role, liked) != liked
                for role, liked in wishes.liking.practitioners.items()
            )
            variants.append(Variant(tuple(sorted(units.items())), base, options))
    return Problem(
        tasks=tuple(
            Task(
                step.id,
                _slots(step.service.minutes),
                step.service.trip,
                step.core,
                step.service.treatment,
            )
            for step in steps
        ),
        rules=rules,
        apart=frozenset(
            (position[a], position[b]) for a, b in course.apart if a in position and b in position
        ),
        order=frozenset(same_day_order(course, steps, position)),
        pause=tuple(
            tuple(starts.pause(one.service, other.service) for other in steps) for one in steps
        ),
        variants=tuple(variants),
        spacing=course.spacing_days,
        sessions=limits.sessions,
        visit=limits.visit_minutes // 5,
        weights=weights,
    )


def pools_of(
    availability: Availability, wishes: Wishes, service: Service, units: Mapping[str, str]
) -> Pools:
    """The pools of a service for this patient, with the persons chosen for the course."""
    allowed = {role: frozenset({unit}) for role, unit in wishes.practitioners.items()}
    if service.continuity is not None and service.continuity in units:
        allowed[service.continuity] = frozenset({units[service.continuity]})
    return pools_for(
        availability.units,
        service,
        allowed=allowed,
        languages=wishes.languages,
        access=wishes.access,
    )


class Starts:
    """The starts of each step, computed once per service and pools."""

    def __init__(
        self,
        availability: Availability,
        course: Course,
        wishes: Wishes,
        patient: PatientTime,
        limits: DayLimits,
        weights: Weights,
        first_day: int,
        pinned: Mapping[str, int],
    ) -> None:
        self.availability, self.course, self.wishes = availability, course, wishes
        self.patient, self.limits, self.weights, self.pinned = patient, limits, weights, pinned
        grid = availability.grid
        self.origin = grid.day_of(wishes.earliest)
        self.first = max(self.origin + first_day, 0)
        until = grid.days - 1 if wishes.latest is None else grid.day_of(wishes.latest)
        self.last = min(until, grid.days - 1)
        self._rows: dict[tuple[Service, Pools], tuple[list[int], list[int], int]] = {}
        self._possible: dict[Service, list[int]] = {}
        self._options: dict[object, dict[int, Layers]] = {}
        self._pools: dict[object, Pools] = {}

    def pools(self, service: Service, units: Mapping[str, str]) -> Pools:
        own = units.get(service.continuity) if service.continuity else None
        key = (service, own)
        if key not in self._pools:
            self._pools[key] = pools_of(self.availability, self.wishes, service, units)
        return self._pools[key]

    def continuity(self) -> Iterator[dict[str, str]]:
        """Every choice of one unit per continuity role."""
        able: dict[str, list[str]] = {}
        for step in self.course.steps:
            role = step.service.continuity
            if role is None:
                continue
            for need, pool in zip(
                step.service.requirements, self.pools(step.service, {}), strict=True
            ):
                if need.role == role and not need.present:
                    able[role] = [unit for unit in able.get(role, pool) if unit in pool]
        for choice in product(*able.values()):
            yield dict(zip(able, choice, strict=True))

    def options(
        self,
        steps: tuple[Step, ...],
        units: Mapping[str, str],
        rules: tuple[DayRule, ...],
        pricing: Pricing | None,
    ) -> tuple[Options, ...] | None:
        """Priced starts of every step on the days that its rules can use, or None."""
        rows = [self.rows(step, units) for step in steps]
        domains = narrowed([days for _, _, days in rows], rules)
        if domains is None:
            return None
        result = []
        for step, domain, (clinic, possible, _) in zip(steps, domains, rows, strict=True):
            kind = (step.service, self.pools(step.service, units))
            own = pricing is not None or step.id in self.pinned or step.id in self.wishes.fixed
            key = (kind, step.id, tuple(units.items())) if own else kind
            layers = self._options.setdefault(key, {})
            shift = self.first - self.origin
            for day in range(domain.bit_length()):
                if domain >> day & 1 and day not in layers:
                    every, here = clinic[day - shift], possible[day - shift]
                    if pricing is None or step.id in self.pinned:
                        layers[day] = self._priced(day, every, here)
                    else:
                        layers[day] = pricing(step, units, day, every, here)
            result.append(layers)
        return tuple(result)

    def pause(self, one: Service, other: Service) -> int:
        """Slots between the end of `one` and the start of `other`, later on the same day."""
        least = self.limits.break_minutes
        for need, pool in zip(one.requirements, self.pools(one, {}), strict=True):
            for next_need, next_pool in zip(other.requirements, self.pools(other, {}), strict=True):
                if need.present or next_need.present or set(pool).isdisjoint(next_pool):
                    continue
                least = max(least, need.end - next_need.start - one.minutes)
        return _slots(least)

    def rows(self, step: Step, units: Mapping[str, str]) -> tuple[list[int], list[int], int]:
        """Rows of the clinic's starts and of those the patient can come to, and the days' bits."""
        if self.first > self.last:
            return [], [], 0
        if step.id in self.pinned:
            return self._only(self.pinned[step.id], None)
        clinic, possible, days = self._of_service(step.service, self.pools(step.service, units))
        if step.id in self.wishes.fixed:
            return self._only(self.wishes.fixed[step.id], (clinic, possible))
        return clinic, possible, days

    def _of_service(self, service: Service, pools: Pools) -> tuple[list[int], list[int], int]:
        key = (service, pools)
        if key not in self._rows:
            if service not in self._possible:
                self._possible[service] = possible_starts(
                    self.availability.grid,
                    service,
                    self.first,
                    self.last,
                    self.wishes,
                    self.patient,
                    break_minutes=self.limits.break_minutes,
                    spacing_days=self.course.spacing_days,
                )
            clinic = unpack(self.availability.mask_of(service, pools), self.first, self.last)
            possible = [a & b for a, b in zip(clinic, self._possible[service], strict=True)]
            self._rows[key] = (clinic, possible, self._days(possible))
        return self._rows[key]

    def _only(
        self, start: int, among: tuple[list[int], list[int]] | None
    ) -> tuple[list[int], list[int], int]:
        """One start alone, if it is on the grid and among the possible ones."""
        grid = self.availability.grid
        blank = [0] * (self.last - self.first + 1)
        try:
            day, slot = grid.locate(start)
        except ValueError:
            return blank, blank, 0
        if not self.first <= day <= self.last or grid.instant(day, slot) != start:
            return blank, blank, 0
        row = list(blank)
        row[day - self.first] = 1 << slot
        if among is None:
            return row, row, self._days(row)
        row[day - self.first] &= among[1][day - self.first]
        return among[0], row, self._days(row)

    def _days(self, rows: list[int]) -> int:
        shift = self.first - self.origin
        return sum(1 << (index + shift) for index, row in enumerate(rows) if row)

    def _priced(self, day: int, clinic: int, possible: int) -> Layers:
        liking, weights, grid = self.wishes.liking, self.weights, self.availability.grid
        weekday = grid.date_of(self.origin + day).isoweekday()
        base = weights.weekday if liking.weekdays and weekday not in liking.weekdays else 0
        liked = possible
        if liking.day_parts:
            liked &= parts_row(grid, self.origin + day, liking.day_parts)
        flush = clinic & ~((clinic << 1) & (clinic >> 1))
        priced: dict[int, int] = {}
        for price, row in (
            (base, liked & flush),
            (base + weights.packing, liked & ~flush),
            (base + weights.day_part, possible & ~liked & flush),
            (base + weights.day_part + weights.packing, possible & ~liked & ~flush),
        ):
            if row:
                priced[price] = priced.get(price, 0) | row
        return tuple(sorted(priced.items()))


def _slots(minutes: int) -> int:
    return -(-minutes // 5)
