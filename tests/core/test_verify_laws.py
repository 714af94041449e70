"""The look-again against the naive checker: they agree on every random arrangement of a course."""

from __future__ import annotations

from random import Random

from scheduling.core.plan import Session
from scheduling.core.verify import verify
from tests.core.oracle.case import Case
from tests.core.oracle.checker import broken_rules, end_of, too_near_own_time
from tests.core.oracle.random_cases import small_case
from tests.core.oracle.seeds import for_random


@for_random
def test_verify_refuses_exactly_what_breaks_a_rule(rng: Random) -> None:
    case = small_case(rng)
    starts = {step.id: _some_start(rng, case) for step in case.course.steps}
    sessions = {
        step: Session(step, start, end_of(case, step, start)) for step, start in starts.items()
    }

    findings = verify(
        case.course,
        sessions,
        zone=case.zone,
        start=case.wishes.earliest,
        limits=case.limits,
        patient=case.patient,
    )

    naive = [*broken_rules(case, starts), *too_near_own_time(case, starts)]
    assert bool(findings.broken) == bool(naive), (findings.broken, naive)


def _some_start(rng: Random, case: Case) -> int:
    """Mid-morning of some day, on the five-minute grid; close enough together to collide."""
    day = case.first.toordinal() + rng.randrange(case.days)
    return case.midnight(day) + 300 * rng.randint(110, 150)
