"""Every plan there is: for instances small enough to try them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product

from tests.core.oracle.case import Case
from tests.core.oracle.checker import broken_rules, wrong_time
from tests.core.oracle.ledger import Ledger, Need, meet, span, suits

Plan = dict[str, int]
"""A start for each step."""


def people(case: Case) -> Iterator[dict[str, str]]:
    """Each way to choose one unit per continuity role of the course."""
    roles = sorted({step.service.continuity for step in case.course.steps} - {None})
    choices = [
        [
            unit.id
            for unit in case.units
            if role in unit.roles and case.wishes.practitioners.get(role, unit.id) == unit.id
        ]
        for role in roles
    ]
    for chosen in product(*choices):
        yield dict(zip(roles, chosen, strict=True))


def chosen(case: Case, people: Mapping[str, str], step_id: str) -> Case:
    """The case as one step sees it once the continuity roles are settled."""
    role = case.course.step(step_id).service.continuity
    if role is None:
        return case
    practitioners = {**case.wishes.practitioners, role: people[role]}
    return replace(case, wishes=replace(case.wishes, practitioners=practitioners))


def needs(case: Case, step_id: str, start: int) -> list[Need]:
    """What a session at that instant needs, each with all the units that suit."""
    day = case.day(start)
    return [
        (requirement, start, [u for u in case.units if suits(u, requirement, case.wishes, day)])
        for requirement in case.course.step(step_id).service.requirements
    ]


def joint(case: Case, ledger: Ledger, step_id: str) -> list[int]:
    """Every instant of the horizon at which the clinic can give the session."""
    return [start for start in case.instants() if can_start(case, ledger, step_id, start)]


def can_start(case: Case, ledger: Ledger, step_id: str, start: int) -> bool:
    """All that the step needs is free together, and over before the local day ends."""
    service = case.course.step(step_id).service
    length = 60 * max([service.minutes, *(need.end for need in service.requirements)])
    return (
        plausible(case, ledger, step_id, start)
        and case.day(start) == case.day(start + length - 1)
        and ledger.bindable(needs(case, step_id, start))
    )


def plausible(case: Case, ledger: Ledger, step_id: str, start: int) -> bool:
    """Cheap and necessary: somebody of each role works at the first moment of each need."""
    return all(
        any(
            requirement.role in unit.roles
            and (start + 60 * requirement.start) // 300 in ledger.open[unit.id]
            for unit in case.units
        )
        for requirement in case.course.step(step_id).service.requirements
    )


def plans(
    case: Case, who: Mapping[str, str], ledger: Ledger, pinned: Mapping[str, int] | None = None
) -> Iterator[Plan]:
    """Every complete plan with these people; `pinned` steps stay at their start whoever is free."""
    pinned = pinned or {}
    candidates = {
        step.id: [pinned[step.id]]
        if step.id in pinned
        else [
            start
            for start in joint(chosen(case, who, step.id), ledger, step.id)
            if not any(wrong_time(case, step.id, start))
        ]
        for step in case.course.steps
    }
    yield from _extend(case, candidates, {})


def _extend(case: Case, candidates: Mapping[str, list[int]], placed: Plan) -> Iterator[Plan]:
    if len(placed) == len(case.course.steps):
        if together(case, placed):
            yield placed
        return
    step_id = case.course.steps[len(placed)].id
    for start in candidates[step_id]:
        longer = {**placed, step_id: start}
        if not any(broken_rules(case, longer)):
            yield from _extend(case, candidates, longer)


def together(case: Case, plan: Plan) -> bool:
    """No two sessions compete: while a requirement lasts (a turnover, say), no other session needs
    any unit that could serve it, before it is settled who serves the continuity roles."""
    spans = [
        (step_id, span(requirement, start), {unit.id for unit in units})
        for step_id, start in plan.items()
        for requirement, _, units in needs(case, step_id, start)
        if not requirement.present
    ]
    return not any(
        one != other and meet(first, second) and units & rivals
        for (one, first, units), (other, second, rivals) in combinations(spans, 2)
    )
