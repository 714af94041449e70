"""Random small clinics in which several patients have courses, and somebody drops out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from scheduling.core.availability import Availability
from scheduling.core.clinic import Booking, Unit
from scheduling.core.grid import DayGrid
from scheduling.core.intervals import subtract
from scheduling.core.plan import Session
from scheduling.core.planner import best
from scheduling.core.repair import Disturbed, Repair, Shock
from tests.core.oracle.case import STEP, Case
from tests.core.oracle.checker import broken_rules, double_use, end_of, wrong_time, wrong_units
from tests.core.oracle.enumerate import can_start
from tests.core.oracle.ledger import Ledger, meet
from tests.core.oracle.random_cases import _course, _patient, _wishes, random_case

SAME_DAY, OTHER_DAY, EACH_DAY, PERSON, UNPLACED = 5, 20, 3, 8, 200


@dataclass(frozen=True)
class Struck:
    """A clinic without what is out. `cases` and `plans` by course: each patient's question, with
    only what no course has taken among its bookings, and their sessions as they were booked."""

    shock: Shock
    cases: dict[str, Case]
    plans: dict[str, dict[str, Session]]


def random_disruption(rng: Random, *, patients: int, steps: int = 4) -> Struck | None:
    """Somebody or something is out for a while; None where that meets nobody."""
    base = random_case(rng, steps=steps, days=rng.randint(5, 14), starts=rng.choice((6, 20)))
    services = list({step.service.slug: step.service for step in base.course.steps}.values())
    grid = DayGrid(base.zone, base.first, base.days)
    free = Availability(grid, base.units, base.bookings)
    cases: dict[str, Case] = {}
    plans: dict[str, dict[str, Session]] = {}
    for number in range(patients):
        case = replace(
            base,
            course=_course(rng, services, rng.randint(1, steps), base.days),
            wishes=_wishes(rng, base.units, base.first, base.days),
            patient=_patient(rng, base.zone, base.first, base.days),
        )
        answer = best(
            free, case.course, case.wishes, patient=case.patient, limits=case.limits, node_limit=200
        )
        if answer.proposals:
            plan = {session.step: session for session in answer.proposals[0].sessions}
            free = free.taking(bookings_of(plan))
            cases[f"c{number}"], plans[f"c{number}"] = case, plan
    return _strike(rng, base, free, cases, plans) if cases else None


def _strike(
    rng: Random,
    base: Case,
    free: Availability,
    cases: dict[str, Case],
    plans: dict[str, dict[str, Session]],
) -> Struck | None:
    out = {unit.id for unit in base.units} if rng.random() < 0.1 else {rng.choice(base.units).id}
    some = rng.choice([one for plan in plans.values() for one in plan.values()])
    first = base.day(some.start)
    if rng.random() < 0.7 and some.taken:
        out.add(rng.choice(some.taken).unit)
    period = (base.midnight(first), base.midnight(first + rng.choice((1, 1, 1, 2))))
    units = tuple(
        replace(unit, opens=subtract(unit.opens, [period])) if unit.id in out else unit
        for unit in base.units
    )
    affected = {
        key: frozenset(
            step
            for step, one in plan.items()
            if any(t.unit in out and meet((t.start, t.end), period) for t in one.taken)
        )
        for key, plan in plans.items()
    }
    if not any(affected.values()):
        return None
    # Practitioners are continuity, which has a price.
    cases = {
        key: replace(
            case,
            units=units,
            wishes=replace(case.wishes, practitioners={}, latest=None, fixed={}),
        )
        for key, case in cases.items()
    }
    gone = [
        row
        for key, steps in affected.items()
        for row in bookings_of({step: plans[key][step] for step in steps})
    ]
    spans = [Booking(unit, *period) for unit in out]
    not_before = base.instants().start + STEP * rng.choice((0, 0, 130, 288))
    shock = Shock(
        free.closing(spans).without(gone),
        tuple(
            Disturbed(
                key,
                cases[key].course,
                plans[key],
                steps,
                frozenset(s for s, one in plans[key].items() if one.start >= not_before),
                cases[key].wishes,
                cases[key].patient,
            )
            for key, steps in sorted(affected.items())
            if steps
        ),
        not_before,
        limits=base.limits,
    )
    return Struck(shock, cases, plans)


def bookings_of(plan: dict[str, Session]) -> list[Booking]:
    """What these sessions take, a row for every lane."""
    return [
        Booking(taken.unit, taken.start, taken.end)
        for one in plan.values()
        for taken in one.taken
        for _ in range(taken.lanes)
    ]


def repaired(struck: Struck, repair: Repair) -> dict[str, dict[str, Session]]:
    """Where every session of every course is afterwards; those without a place are not there."""
    return {
        key: {
            step: repair.changes[key, step].session if (key, step) in repair.changes else one
            for step, one in plan.items()
            if (key, step) not in repair.unplaced
        }
        for key, plan in struck.plans.items()
    }


def complaints_about(struck: Struck, repair: Repair) -> Iterator[str]:
    """Everything wrong with a repair, each course and unit looked at anew."""
    wanted = {(one.id, step) for one in struck.shock.courses for step in one.affected}
    placed = {key for key, change in repair.changes.items() if not change.follows}
    if placed | repair.unplaced != wanted or placed & repair.unplaced:
        yield f"{sorted(wanted)} were affected, not {sorted(placed)} and {sorted(repair.unplaced)}"
    after = repaired(struck, repair)
    units = next(iter(struck.cases.values())).units
    ledger = Ledger(units, next(iter(struck.cases.values())).bookings)
    for key, case in struck.cases.items():
        starts = {step: one.start for step, one in after[key].items()}
        yield from (f"{key}: {one}" for one in broken_rules(case, starts))
        for step, one in after[key].items():
            if (key, step) in repair.changes:
                yield from (f"{key}: {wrong}" for wrong in wrong_units(case, one, ledger))
                yield from (f"{key}: {wrong}" for wrong in wrong_time(case, step, one.start))
                moved = one.start != struck.plans[key][step].start
                if moved and one.start < struck.shock.not_before:
                    yield f"{key}: {step} moves to a moment too near"
                if one.end != end_of(case, step, one.start):
                    yield f"{key}: {step} ends at {one.end}"
    yield from double_use([one for plan in after.values() for one in plan.values()], ledger)
    price = sum(
        price_of(struck, key, change.session) for key, change in repair.changes.items()
    ) + UNPLACED * len(repair.unplaced)
    if price != repair.price:
        yield f"it costs {price}, not {repair.price}"


def price_of(struck: Struck, key: tuple[str, str], now: Session) -> int:
    """The price of one session's change, counted out from the definition."""
    case, was = struck.cases[key[0]], struck.plans[key[0]][key[1]]
    role = case.course.step(key[1]).service.continuity
    before = {taken.unit for taken in was.taken if taken.role == role}
    after = {taken.unit for taken in now.taken if taken.role == role}
    price = PERSON if before != after else 0
    days = abs(case.day(now.start) - case.day(was.start))
    if days:
        return price + OTHER_DAY + EACH_DAY * days
    slots = abs(now.start - was.start) // STEP
    return price + (SAME_DAY + -(-slots // 6) if slots else 0)


def cheapest_alone(struck: Struck) -> int | None:
    """The least price of a shock that meets one session alone, every start and person tried."""
    [course] = struck.shock.courses
    [step] = course.affected
    case = struck.cases[course.id]
    plan = {name: one for name, one in struck.plans[course.id].items() if name != step}
    starts = {name: one.start for name, one in plan.items()}
    rows = [
        row
        for key, other in struck.plans.items()
        for row in bookings_of(plan if key == course.id else other)
    ]
    ledger = Ledger(case.units, (*case.bookings, *rows))
    was = struck.plans[course.id][step]
    role = case.course.step(step).service.continuity
    usual = {taken.unit for taken in was.taken if taken.role == role}
    best_price: int | None = None
    for start in case.instants():
        if start != was.start and start < struck.shock.not_before:
            continue
        if any(wrong_time(case, step, start)) or any(broken_rules(case, {**starts, step: start})):
            continue
        for person, price in _people(case.units, role, usual):
            view = case if person is None else _with(case, role or "", person)
            if can_start(view, ledger, step, start):
                price += price_of(struck, (course.id, step), _as_was(was, start))
                if best_price is None or price < best_price:
                    best_price = price
    return best_price if best_price is not None and best_price < UNPLACED else None


def _as_was(was: Session, start: int) -> Session:
    return replace(was, start=start)


def _people(
    units: tuple[Unit, ...], role: str | None, usual: set[str]
) -> Iterator[tuple[str | None, int]]:
    if role is None:
        yield None, 0
    for unit in units:
        if role in unit.roles:
            yield unit.id, PERSON if usual and unit.id not in usual else 0


def _with(case: Case, role: str, person: str) -> Case:
    return replace(case, wishes=replace(case.wishes, practitioners={role: person}))
