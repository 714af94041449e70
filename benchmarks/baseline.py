"""The step-by-step baseline: each session at its earliest start, no looking ahead.

This is what a clerk or a calendar does who books one visit after the other. It reads raw starts
(local day, start, end) and shows how often such booking runs into a dead end though a plan exists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.core.oracle.case import Case
from tests.core.oracle.checker import broken_rules


def step_by_step(case: Case, starts: Mapping[str, Sequence[int]]) -> dict[str, int] | None:
    """A start for each step in the order of the protocol's days, or None at a dead end.

    `starts` holds the allowed starts of each service (by slug), in order.
    """
    placed: dict[str, int] = {}
    for step in _by_intake(case):
        service = case.course.step(step).service.slug
        for start in starts[service]:
            longer = {**placed, step: start}
            if not any(broken_rules(case, longer)):
                placed = longer
                break
        else:
            return None
    return placed


def _by_intake(case: Case) -> list[str]:
    """Evaluation, preparation, then treatments and what follows them, as they would be booked."""
    order = {"eval": 0, "prep": 1, "inf": 2}
    steps = [step.id for step in case.course.steps]
    return sorted(steps, key=lambda step: order.get(step.split(".")[0], 3))
