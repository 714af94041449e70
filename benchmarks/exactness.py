"""Is the best plan the best there is? The planner against OR-Tools CP-SAT on seeded clinics.

Two thirds of the instances give CP-SAT each step's starts (R2), a third raw units and bookings
(R1). Where CP-SAT proves an optimum the planner must cost the same; where it runs into its time
limit the planner must not cost more; where one finds no plan the other must not find one either.
`python -m benchmarks.exactness --instances 150` runs this alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random
from statistics import median

import numpy as np

from benchmarks import clinics, courses
from benchmarks.counted import Counted
from benchmarks.reference import Model, Solved, masks_model, rows_model
from benchmarks.table import Row, print_head, print_row
from scheduling.core.availability import Availability
from scheduling.core.grid import DayGrid
from scheduling.core.plan import Answer
from scheduling.core.planner import best
from tests.core.oracle.case import Case
from tests.core.oracle.checker import complaints, wrong_time
from tests.core.oracle.cost import cost
from tests.core.oracle.ledger import Ledger

SIZES = ("small", "medium", "large")
LOADS = (0.3, 0.6, 0.85, 0.95)
LENGTHS = (14, 8, 21)
GIVEN_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Instance:
    size: str
    load: float
    steps: int
    seed: int
    raw: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outcome`: equal, infeasible, better or as good at the time limit; or what is wrong."""

    instance: Instance
    outcome: str
    ours: int | None
    theirs: Solved
    seconds: float

    @property
    def right(self) -> bool:
        return self.outcome in ("equal", "infeasible", "not worse", "undecided")

    @property
    def speed_up(self) -> float | None:
        """How many times longer CP-SAT took to reach a plan as good as ours."""
        for seconds, reached in self.theirs.trace:
            if self.ours is not None and reached <= self.ours:
                return seconds / self.seconds
        return None


def instances(count: int) -> Iterator[Instance]:
    """Sizes, loads and lengths in turn; every third instance as raw rows."""
    grid = list(product(LENGTHS, LOADS, SIZES))
    for number in range(count):
        steps, load, size = grid[number % len(grid)]
        yield Instance(size, load, steps, number // len(grid), raw=number % 3 == (number // 36) % 3)


def case_of(instance: Instance) -> Case:
    """The patient and course of an instance, in its clinic."""
    clinic = clinics.clinic(instance.size, instance.load)
    rng = Random(f"{instance.size}/{instance.load}/{instance.steps}/{instance.seed}")
    wishes, start_by = clinics.wishes(rng)
    course = courses.course(instance.steps, start_by=start_by)
    return Case(
        clinic.zone, clinic.first, clinic.days, clinic.units, clinic.bookings, course, wishes
    )


def judge(instance: Instance, seconds: float) -> Verdict:
    """Solve an instance both ways and compare."""
    case = case_of(instance)
    availability = Availability(
        DayGrid(case.zone, case.first, case.days), case.units, case.bookings
    )
    best(availability, case.course, case.wishes)  # warm masks
    began = time.perf_counter()
    answer = best(availability, case.course, case.wishes)
    taken = time.perf_counter() - began
    theirs = reference(case, raw=instance.raw).solve(seconds)
    ours = answer.proposals[0].score if answer.proposals else None
    wrong = list(_wrong(case, answer, theirs))
    return Verdict(instance, "; ".join(wrong) or _compare(answer, theirs), ours, theirs, taken)


def _compare(answer: Answer, theirs: Solved) -> str:
    if not answer.proposals:
        if theirs.cost is not None:
            return f"missed a plan of cost {theirs.cost}"
        return "infeasible" if theirs.status == "INFEASIBLE" else "undecided"
    ours = answer.proposals[0].score
    if theirs.status == "INFEASIBLE":
        return f"a plan of cost {ours} that cannot be"
    if theirs.status == "OPTIMAL":
        return "equal" if ours == theirs.cost else f"{ours} instead of {theirs.cost}"
    if theirs.cost is not None and theirs.cost < ours:
        return f"{ours} though CP-SAT found {theirs.cost}"
    if ours < theirs.bound:
        return f"{ours} below the proven bound {theirs.bound}"
    return "not worse"


def _wrong(case: Case, answer: Answer, theirs: Solved) -> Iterator[str]:
    """Both plans are checked and priced again by the naive oracle."""
    ledger = Ledger(case.units, case.bookings)
    for offer in answer.proposals:
        yield from complaints(case, offer.sessions, ledger)
        who = {
            taken.role: taken.unit
            for session in offer.sessions
            for taken in session.taken
            if taken.role == case.course.step(session.step).service.continuity
        }
        starts = {session.step: session.start for session in offer.sessions}
        if cost(case, starts, who, ledger) != offer.score:
            yield f"the score {offer.score} is really {cost(case, starts, who, ledger)}"
    if theirs.cost is not None:
        real = cost(case, theirs.starts, theirs.people, ledger)
        # Short of the optimum its bounds on distances and penalties may still be slack.
        if real > theirs.cost or (theirs.status == "OPTIMAL" and real != theirs.cost):
            yield f"CP-SAT's {theirs.cost} is really {real} (the reference is wrong)"


def reference(case: Case, *, raw: bool) -> Model:
    """The CP-SAT model of a case. R2 leaves out starts that no unit can serve; R1 keeps them."""
    counted = Counted(case)
    working = np.logical_or.reduce([counted.open[unit.id] for unit in case.units if unit.person])
    by_service: dict[str, list[int]] = {}
    for step in case.course.steps:
        if step.service.slug not in by_service:
            slots = working if raw else counted.joint(step.service, {})
            starts = counted.instants(slots)
            by_service[step.service.slug] = [
                start for start in starts if not any(wrong_time(case, step.id, start))
            ]
    welcome = {step.id: by_service[step.service.slug] for step in case.course.steps}
    return (rows_model if raw else masks_model)(case, welcome, counted)


def rows(
    count: int = 150, seconds: float = GIVEN_SECONDS, *, verbose: bool = False
) -> Iterator[Row]:
    """Three lines: agreement, wrong answers, speed-up."""
    verdicts = []
    for instance in instances(count):
        verdict = judge(instance, seconds)
        verdicts.append(verdict)
        if verbose or not verdict.right:
            print(
                f"{instance} {verdict.outcome}: ours {verdict.ours} in {verdict.seconds:.3f} s, "
                f"CP-SAT {verdict.theirs.status} {verdict.theirs.cost} "
                f">= {verdict.theirs.bound} in {verdict.theirs.seconds:.1f} s",
                file=sys.stderr,
                flush=True,
            )
    yield from summary(verdicts)


def summary(verdicts: list[Verdict]) -> Iterator[Row]:
    kinds = Counter(verdict.outcome if verdict.right else "wrong" for verdict in verdicts)
    raw = sum(verdict.instance.raw for verdict in verdicts)
    yield Row(
        f"best plan against CP-SAT, {len(verdicts)} instances ({raw} raw)",
        ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())),
        "0 wrong",
        met=not kinds["wrong"],
    )
    factors = [factor for verdict in verdicts if (factor := verdict.speed_up) is not None]
    if factors:
        yield Row(
            "speed-up to the same objective, wall, median",
            f"{median(factors):.0f} times",
            ">= 10 times",
            f"CP-SAT, 2 workers, {len(factors)} plans",
            met=median(factors) >= 10,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=150)
    parser.add_argument("--seconds", type=float, default=GIVEN_SECONDS)
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    lines = list(rows(options.instances, options.seconds, verbose=not options.quiet))
    print_head()
    for line in lines:
        print_row(line)
    sys.exit(any(line.met is False for line in lines))
