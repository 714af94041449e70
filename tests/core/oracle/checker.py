"""Does a plan keep every rule, and what does it cost? Naive on purpose: counts, loops, wall clocks.

Each complaint is one sentence; no complaint means that the plan is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from scheduling.core.course import START, Rule
from scheduling.core.plan import Session
from scheduling.core.wishes import DAY_PARTS
from tests.core.oracle.case import STEP, Case
from tests.core.oracle.ledger import Ledger, lanes_of, meet, slots, span, suits


def complaints(case: Case, sessions: Sequence[Session], ledger: Ledger | None = None) -> list[str]:
    """Everything wrong with a whole plan."""
    steps = [step.id for step in case.course.steps]
    if Counter(session.step for session in sessions) != Counter(steps):
        return [f"steps are {sorted(s.step for s in sessions)}, not {sorted(steps)}"]
    ledger = ledger or Ledger(case.units, case.bookings)
    found: list[str] = []
    for session in sessions:
        found += wrong_time(case, session.step, session.start)
        found += wrong_units(case, session, ledger)
        if session.end != session.start + 60 * case.course.step(session.step).service.minutes:
            found.append(f"{session.step} ends at {session.end}")
    starts = {session.step: session.start for session in sessions}
    found += broken_rules(case, starts)
    found += double_use(sessions, ledger)
    found += discontinuity(case, sessions)
    return found


def wrong_time(case: Case, step_id: str, start: int) -> Iterator[str]:
    """Wishes, horizon, grid, and the patient's own time, for one session."""
    wishes, end = case.wishes, end_of(case, step_id, start)
    first = case.first.toordinal()
    day = case.day(start)
    if start % STEP:
        yield f"{step_id} starts off the grid"
    if not first <= day < first + case.days:
        yield f"{step_id} lies outside the horizon"
    if case.day(end - 1) != day:
        yield f"{step_id} passes midnight"
    if day < wishes.earliest.toordinal():
        yield f"{step_id} is before the earliest date"
    if wishes.latest is not None and day > wishes.latest.toordinal():
        yield f"{step_id} is after the latest date"
    if case.local(start).isoweekday() not in wishes.weekdays:
        yield f"{step_id} is on a weekday that was excluded"
    if not in_parts(case, start, wishes.day_parts):
        yield f"{step_id} starts in a part of the day that was excluded"
    closing = case.local(end - 60)
    if minute(case, start) < wishes.not_before:
        yield f"{step_id} starts too early in the day"
    if closing.hour * 60 + closing.minute + 1 > wishes.not_after:
        yield f"{step_id} ends too late in the day"
    yield from too_near_own_time(case, {step_id: start})
    if wishes.fixed.get(step_id, start) != start:
        yield f"{step_id} is not at its fixed time"


def too_near_own_time(case: Case, starts: Mapping[str, int]) -> Iterator[str]:
    """Sessions that meet what the patient has elsewhere, with the same break as between two."""
    pause = 60 * case.limits.break_minutes
    for step_id, start in starts.items():
        for busy in case.patient.busy:
            if meet((start - pause, end_of(case, step_id, start) + pause), busy):
                yield f"{step_id} meets the patient's own time"


def broken_rules(case: Case, starts: Mapping[str, int]) -> Iterator[str]:
    """Rules between the sessions that are placed; others are taken to be absent."""
    course, limits = case.course, case.limits
    for rule in course.rules:
        if rule.step in starts and (rule.anchor == START or rule.anchor in starts):
            yield from broken_rule(case, rule, starts)
    for one, two in course.apart:
        if one in starts and two in starts and case.day(starts[one]) == case.day(starts[two]):
            yield f"{one} and {two} share a day"
    for one, two in combinations(sorted(starts), 2):
        yield from broken_pair(case, one, two, starts)
    for step_id, start in starts.items():
        yield from too_near_other_treatment(case, step_id, case.day(start))
    days: dict[int, list[str]] = {}
    for step_id, start in starts.items():
        days.setdefault(case.day(start), []).append(step_id)
    for day, group in days.items():
        if len(group) > limits.sessions:
            yield f"{len(group)} sessions on day {day}"
        stay = max(end_of(case, s, starts[s]) for s in group) - min(starts[s] for s in group)
        if stay > 60 * limits.visit_minutes:
            yield f"a stay of {stay // 60} minutes on day {day}"


def broken_rule(case: Case, rule: Rule, starts: Mapping[str, int]) -> Iterator[str]:
    days = distance(case, rule, starts)
    window = rule.window
    if window.min is not None and days < window.min:
        yield f"{rule.step} is {days} days after {rule.anchor}, less than {window.min}"
    if window.max is not None and days > window.max:
        yield f"{rule.step} is {days} days after {rule.anchor}, more than {window.max}"
    if rule.anchor == START or days != 0:
        return
    step, anchor = starts[rule.step], starts[rule.anchor]
    if window.min is not None and window.min >= 0:
        if step < end_of(case, rule.anchor, anchor):
            yield f"{rule.step} starts before {rule.anchor} has ended"
    elif window.max is not None and window.max <= 0 and end_of(case, rule.step, step) > anchor:
        yield f"{rule.step} ends after {rule.anchor} starts"


def broken_pair(case: Case, one: str, two: str, starts: Mapping[str, int]) -> Iterator[str]:
    services = case.course.step(one).service, case.course.step(two).service
    days = abs(case.day(starts[one]) - case.day(starts[two]))
    if services[0].treatment and services[1].treatment and days < case.course.spacing_days:
        yield f"{one} and {two} are treatments {days} days apart"
    pause = 60 * case.limits.break_minutes
    first = starts[one], end_of(case, one, starts[one])
    second = starts[two], end_of(case, two, starts[two])
    if meet((first[0], first[1] + pause), (second[0], second[1] + pause)):
        yield f"{one} and {two} overlap or lack a break"
    if days == 0:
        for talk, other, before, after in ((0, 1, first, second), (1, 0, second, first)):
            if services[talk].talk and services[other].treatment and before[1] > after[0]:
                yield f"{(one, two)[talk]} follows the treatment {(one, two)[other]}"


def too_near_other_treatment(case: Case, step_id: str, day: int) -> Iterator[str]:
    if not case.course.step(step_id).service.treatment:
        return
    for other, spacing in case.patient.treatments:
        if (day >= other and day - other < spacing) or (
            day <= other and other - day < case.course.spacing_days
        ):
            yield f"{step_id} is too near to the treatment on day {other}"


def wrong_units(case: Case, session: Session, ledger: Ledger) -> Iterator[str]:
    """Each requirement met by one suitable unit that works throughout; nothing else taken."""
    left = list(session.taken)
    day = case.day(session.start)
    for requirement in case.course.step(session.step).service.requirements:
        begin, end = span(requirement, session.start)
        for taken in left:
            unit = ledger.units[taken.unit]
            if (
                (taken.role, taken.start, taken.end) == (requirement.role, begin, end)
                and taken.lanes == lanes_of(requirement, unit)
                and suits(unit, requirement, case.wishes, day)
            ):
                left.remove(taken)
                break
        else:
            yield f"{session.step} lacks {requirement}"
    if left:
        yield f"{session.step} takes more than it needs: {left}"
    for taken in session.taken:
        if not all(slot in ledger.open[taken.unit] for slot in slots(taken.start, taken.end)):
            yield f"{session.step} uses {taken.unit} outside its hours"
    for a, b in combinations([taken for taken in session.taken if taken.lanes], 2):
        if a.unit == b.unit and meet((a.start, a.end), (b.start, b.end)):
            yield f"{session.step} uses {a.unit} twice at once"


def double_use(sessions: Iterable[Session], ledger: Ledger) -> Iterator[str]:
    """Lanes in use by existing bookings and by this plan, slot by slot."""
    used: Counter[tuple[str, int]] = Counter()
    for session in sessions:
        for taken in session.taken:
            for slot in slots(taken.start, taken.end):
                used[taken.unit, slot] += taken.lanes
    for (unit, slot), lanes in used.items():
        if lanes and ledger.used[unit, slot] + lanes > ledger.units[unit].capacity:
            yield f"{unit} has no lane left at {slot * STEP}"


def discontinuity(case: Case, sessions: Iterable[Session]) -> Iterator[str]:
    seen: dict[str, set[str]] = {}
    for session in sessions:
        role = case.course.step(session.step).service.continuity
        for taken in session.taken:
            if taken.role == role and taken.lanes:
                seen.setdefault(role, set()).add(taken.unit)
    for role, units in seen.items():
        if len(units) > 1:
            yield f"{len(units)} different units serve as {role}: {sorted(units)}"


def distance(case: Case, rule: Rule, starts: Mapping[str, int]) -> int:
    """Local calendar days from the rule's anchor to its step."""
    origin = (
        case.wishes.earliest.toordinal() if rule.anchor == START else case.day(starts[rule.anchor])
    )
    return case.day(starts[rule.step]) - origin


def end_of(case: Case, step_id: str, start: int) -> int:
    return start + 60 * case.course.step(step_id).service.minutes


def minute(case: Case, instant: int) -> int:
    wall = case.local(instant)
    return wall.hour * 60 + wall.minute


def in_parts(case: Case, start: int, parts: Iterable[str]) -> bool:
    return any(DAY_PARTS[part][0] <= minute(case, start) < DAY_PARTS[part][1] for part in parts)
