"""The exact course search: the cheapest plan of a problem, and the proof that it is.

Each variant is swept over the days (`run.py`), the most promising first, and pruned by the best
plan so far. A sweep of limited width, a beam, gives a first plan quickly; wider sweeps better it. A
sweep that never dropped a state for its width has seen every plan. Where the node limit ends the
search before, the cheapest dropped state bounds what was not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from scheduling.core.bound import NEVER, bound_of
from scheduling.core.problem import Found, Plan, Problem
from scheduling.core.run import Run
from scheduling.core.structure import structure_of
from scheduling.core.sweep import Sweep
from scheduling.core.windows import narrowed

WIDTHS = (1, 8, 64, 512, 1 << 30)
NODE_LIMIT = 6_000
FIRST = 500
"""States that a first plan may always take."""


def search(problem: Problem, *, node_limit: int = NODE_LIMIT, any_plan: bool = False) -> Found:
    """The cheapest plan of all variants. Deterministic: equal input gives the equal plan.

    `any_plan`: the first plan found will do.

    `node_limit` bounds the states expanded once a first plan is known (twice as many while none is,
    and never fewer than `FIRST`), and with them time and memory.
    """
    sweeps = list(_sweeps(problem))
    floors = {sweep.index: sweep.base + sweep.bound.total for sweep in sweeps}
    sweeps.sort(key=lambda sweep: (floors[sweep.index], sweep.index))
    best: Plan | None = None
    nodes = 0
    for width in WIDTHS:
        unfinished = []
        for sweep in sweeps:
            ceiling = NEVER if best is None else best.cost
            if floors[sweep.index] >= ceiling:
                continue
            allowed = (node_limit if best is not None else max(2 * node_limit, FIRST)) - nodes
            if allowed <= 0 or not sweep.tighten(ceiling):
                if allowed <= 0:
                    unfinished.append(sweep)
                continue
            run = Run(sweep, width, ceiling, allowed)
            run.go()
            nodes += run.nodes
            best = run.plan or best
            if best is not None and any_plan:
                return Found(best, min(floors.values()), False, nodes)
            if run.cut < NEVER:
                floors[sweep.index] = max(floors[sweep.index], run.cut)
                unfinished.append(sweep)
        sweeps = unfinished
    if best is None:
        floor = min((floors[sweep.index] for sweep in sweeps), default=None)
        return Found(None, floor, not sweeps, nodes)
    floor = min([best.cost, *(floors[sweep.index] for sweep in sweeps)])
    return Found(best, floor, floor == best.cost, nodes)


def _sweeps(problem: Problem) -> Iterator[Sweep]:
    for index, variant in enumerate(problem.variants):
        days = [sum(1 << day for day in options) for options in variant.options]
        domains = narrowed(days, problem.rules)
        if domains is not None:
            structure = structure_of(problem)
            bound = bound_of(problem, structure, variant.options, domains)
            if bound.total < NEVER:
                yield Sweep(problem, index, structure, domains, bound)
