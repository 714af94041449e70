"""Several whole-course proposals that really differ, best first, each saying why.

The cheapest plans are nearly the same plan. So the same course is searched with other weights, one
profile after another, and then again with a price on the days already offered: with the persons of
the first proposal where they can, for patients compare times, not therapists. Two proposals differ
in the days of at least three sessions (of all, in a shorter course).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from scheduling.core.availability import Availability
from scheduling.core.course import Course, DayLimits
from scheduling.core.explain import why_none
from scheduling.core.formulate import problem_of
from scheduling.core.offer import proposal_of, sessions_of
from scheduling.core.plan import Answer, Reason
from scheduling.core.problem import Plan, Problem, Weights, cost_of
from scheduling.core.search import search
from scheduling.core.wishes import PatientTime, Wishes

NOTHING_ELSE = PatientTime()
USUAL_LIMITS = DayLimits()
DIFFERENT_DAYS = 3
LATER_DAYS = 7
BALANCED_NODES, PROFILE_NODES = 3_000, 400
VARIATIONS = 6
SAME_DAY_AGAIN = 6
"""What a session costs on a day on which an earlier proposal has it too."""

PROFILES: Mapping[str, Weights] = {
    "earliest": Weights(finish=10),
    "fewest_trips": Weights(trip=40),
    "preferred_times": Weights(weekday=20, day_part=15),
    "later": Weights(),
}

Persons = tuple[tuple[str, str], ...]
"""(role, unit) of those who stay throughout the course."""


@dataclass(frozen=True, slots=True)
class _Choice:
    profile: str
    score: int
    problem: Problem
    plan: Plan

    @property
    def days(self) -> tuple[int, ...]:
        return tuple(day for day, _ in self.plan.places)


def propose(
    availability: Availability,
    course: Course,
    wishes: Wishes,
    *,
    patient: PatientTime = NOTHING_ELSE,
    limits: DayLimits = USUAL_LIMITS,
    limit: int = 5,
    node_limit: int = BALANCED_NODES,
) -> Answer:
    """Up to `limit` proposals by ascending score; the score is the cost by the usual weights.

    `optimal` and `bound` speak of the first. Where no plan exists the refusals say why.
    """
    problem = problem_of(availability, course, wishes, patient=patient, limits=limits)
    found = search(problem, node_limit=node_limit)
    if found.plan is None:
        reasons = why_none(availability, course, wishes, patient=patient, limits=limits)
        return Answer((), found.optimal, found.bound, reasons)
    chosen = [_Choice("balanced", found.plan.cost, problem, found.plan)]
    nodes = min(PROFILE_NODES, node_limit)
    persons = problem.variants[found.plan.variant].units
    others = _profiles(availability, course, wishes, patient, limits, problem, persons, nodes)
    for choice in others:
        if len(chosen) >= limit:
            break
        if _differs(choice, chosen):
            chosen.append(choice)
    for attempt in range(VARIATIONS):
        if len(chosen) >= limit:
            break
        variation = _variation(problem, chosen, SAME_DAY_AGAIN << attempt, nodes)
        if variation is None:
            break
        if _differs(variation, chosen):
            chosen.append(variation)
    # A profile may, at the node limit, stumble on a better plan than the balanced search did.
    chosen.sort(key=lambda choice: (choice.score, choice.days))
    offers = tuple(
        proposal_of(
            course,
            sessions_of(availability, course, wishes, choice.problem, choice.plan),
            availability.grid.zone,
            score=choice.score,
            profile=choice.profile,
            reasons=_reasons(choice, chosen, wishes),
        )
        for choice in chosen[:limit]
    )
    return Answer(offers, found.optimal, found.bound)


def _profiles(
    availability: Availability,
    course: Course,
    wishes: Wishes,
    patient: PatientTime,
    limits: DayLimits,
    usual: Problem,
    persons: Persons,
    nodes: int,
) -> Iterator[_Choice]:
    liking = wishes.liking
    for name, weights in PROFILES.items():
        if name == "preferred_times" and not (liking.weekdays or liking.day_parts):
            continue
        problem = problem_of(
            availability,
            course,
            wishes,
            patient=patient,
            limits=limits,
            weights=weights,
            first_day=LATER_DAYS if name == "later" else 0,
        )
        choice = _searched(name, usual, problem, persons, nodes)
        if choice is not None:
            yield choice


def _variation(problem: Problem, chosen: list[_Choice], price: int, nodes: int) -> _Choice | None:
    """The best plan when every day already offered for a session has its price."""
    prices: list[dict[int, int]] = [{} for _ in problem.tasks]
    for choice in chosen:
        for row, day in zip(prices, choice.days, strict=True):
            row[day] = row.get(day, 0) + price
    priced = replace(problem, day_price=tuple(prices))
    persons = problem.variants[chosen[0].plan.variant].units
    return _searched("variation", problem, priced, persons, nodes)


def _searched(
    profile: str, usual: Problem, problem: Problem, persons: Persons, nodes: int
) -> _Choice | None:
    """The best plan of a profile: with the same persons if they can, otherwise with any."""
    same = tuple(variant for variant in problem.variants if variant.units == persons)
    for variants in (same, problem.variants):
        narrower = replace(problem, variants=variants)
        plan = search(narrower, node_limit=nodes).plan
        if plan is not None:
            return _judged(profile, usual, narrower, plan)
    return None


def _judged(profile: str, usual: Problem, problem: Problem, plan: Plan) -> _Choice:
    """The plan of another profile, at its cost by the usual weights."""
    units = problem.variants[plan.variant].units
    index = next(n for n, variant in enumerate(usual.variants) if variant.units == units)
    judged = replace(plan, variant=index)
    cost = cost_of(usual, judged)
    return _Choice(profile, cost, usual, replace(judged, cost=cost))


def _differs(choice: _Choice, chosen: list[_Choice]) -> bool:
    needed = min(DIFFERENT_DAYS, len(choice.days))
    return all(
        sum(a != b for a, b in zip(choice.days, other.days, strict=True)) >= needed
        for other in chosen
    )


def _reasons(choice: _Choice, chosen: list[_Choice], wishes: Wishes) -> tuple[Reason, ...]:
    """What is best about this one among those offered, and how it meets the likings."""

    def trips(one: _Choice) -> int:
        return len(
            {day for task, day in zip(one.problem.tasks, one.days, strict=True) if task.trip}
        )

    def on(day: int) -> str:
        return (wishes.earliest + timedelta(day)).isoformat()

    reasons = []
    if choice.score == min(other.score for other in chosen):
        reasons.append(Reason("best_overall"))
    if max(choice.days) == min(max(other.days) for other in chosen):
        reasons.append(Reason("earliest_finish", {"ends_on": on(max(choice.days))}))
    if trips(choice) == min(trips(other) for other in chosen):
        reasons.append(Reason("fewest_trips", {"trips": trips(choice)}))
    if choice.profile == "later":
        reasons.append(Reason("later_start", {"starts_on": on(min(choice.days))}))
    if wishes.liking.weekdays:
        met = sum(
            (wishes.earliest + timedelta(day)).isoweekday() in wishes.liking.weekdays
            for day in choice.days
        )
        reasons.append(Reason("liked_weekdays", {"sessions": met, "of": len(choice.days)}))
    shared = len(choice.days) - len(set(choice.days))
    if shared:
        reasons.append(Reason("same_day_sessions", {"saved_visits": shared}))
    for role, unit in choice.problem.variants[choice.plan.variant].units:
        reasons.append(Reason("same_practitioner", {"role": role, "unit": unit}))
    return tuple(reasons)
