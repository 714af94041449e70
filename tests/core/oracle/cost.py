"""What a plan costs, counted out from the definition of the objective."""

from __future__ import annotations

from collections.abc import Mapping

from tests.core.oracle.case import STEP, Case
from tests.core.oracle.checker import distance, in_parts
from tests.core.oracle.enumerate import can_start, chosen
from tests.core.oracle.ledger import Ledger

TRIP, FINISH, TARGET, WEEKDAY, DAY_PART, PACKING, PRACTITIONER = 10, 2, 3, 4, 3, 1, 6


def cost(case: Case, starts: Mapping[str, int], who: Mapping[str, str], ledger: Ledger) -> int:
    """The cost of a whole plan in which `who` serves the continuity roles."""
    steps, earliest = case.course.steps, case.wishes.earliest.toordinal()
    trips = {case.day(starts[step.id]) for step in steps if step.service.trip}
    core = [case.day(starts[step.id]) - earliest for step in steps if step.core]
    off = sum(
        abs(distance(case, rule, starts) - rule.window.target)
        for rule in case.course.rules
        if rule.window.target is not None
    )
    liked = case.wishes.liking.practitioners
    others = sum(role in who and who[role] != unit for role, unit in liked.items())
    sessions = sum(price(case, step.id, starts[step.id], who, ledger) for step in steps)
    return (
        TRIP * len(trips)
        + FINISH * max(core, default=0)
        + TARGET * off
        + PRACTITIONER * others
        + sessions
    )


def price(case: Case, step: str, start: int, who: Mapping[str, str], ledger: Ledger) -> int:
    """Preferences and packing of one session."""
    liking, total = case.wishes.liking, 0
    if liking.weekdays and case.local(start).isoweekday() not in liking.weekdays:
        total += WEEKDAY
    if liking.day_parts and not in_parts(case, start, liking.day_parts):
        total += DAY_PART
    if not flush(case, step, start, who, ledger):
        total += PACKING
    return total


def flush(case: Case, step: str, start: int, who: Mapping[str, str], ledger: Ledger) -> bool:
    """Five minutes earlier or later on the same day the clinic could not give this session."""
    view = chosen(case, who, step)
    return not all(
        case.day(near) == case.day(start) and can_start(view, ledger, step, near)
        for near in (start - STEP, start + STEP)
    )
