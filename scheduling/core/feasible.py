"""Can the windows of a protocol be met at all, whatever the calendar?

Rules between days are a simple temporal network: a bound `day(b) - day(a) <= w` is an edge of
length w, and the network can be met exactly when no cycle of edges is negative (Dechter, Meiri and
Pearl 1991, "Temporal constraint networks").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.course import Rule
from scheduling.core.expand import expand
from scheduling.core.mistakes import Mistake, Path
from scheduling.core.protocol import ProtocolDefinition

_Edge = tuple[str, str, int, Rule]


def cycle_mistakes(protocol: ProtocolDefinition, paths: Mapping[str, Path]) -> Iterator[Mistake]:
    """Steps counted from one another in a circle, so that nothing fixes when they happen."""
    leans: dict[str, set[str]] = {
        step.id: {anchor.rpartition(".")[0] for anchor in (step.anchor, *step.after) if anchor}
        for step in protocol.steps()
    }
    # Take away what leans on nothing any more; what is left over leans on itself.
    free = {step for step, anchors in leans.items() if not anchors}
    while free:
        for step in free:
            del leans[step]
        for anchors in leans.values():
            anchors -= free
        free = {step for step, anchors in leans.items() if not anchors}
    circle = [step for step in leans if any(step in anchors for anchors in leans.values())]
    if circle:
        text = f"{' and '.join(circle)} are counted from one another in a circle"
        yield Mistake(paths[circle[0]], text)


def impossible_mistakes(
    protocol: ProtocolDefinition,
    services: Mapping[str, ServiceDefinition],
    paths: Mapping[str, Path],
) -> Iterator[Mistake]:
    """Windows that no choice of days can meet, with the rules that contradict one another."""
    course = expand(
        protocol,
        services,
        blocks=[block.id for block in protocol.blocks],
        added={step.id: None for step in protocol.added_by_prescriber},
    )
    conflict = contradiction(course.rules)
    if conflict:
        told = "; ".join(dict.fromkeys(_tell(rule) for rule in conflict))
        step = conflict[0].step.rpartition(".")[0]
        yield Mistake(paths[step], f"no days can satisfy all of: {told}")


def contradiction(rules: tuple[Rule, ...]) -> list[Rule]:
    """Rules that cannot hold together (a negative cycle, found by Bellman-Ford), or none."""
    edges: list[_Edge] = []
    for rule in rules:
        if rule.window.max is not None:
            edges.append((rule.anchor, rule.step, rule.window.max, rule))
        if rule.window.min is not None:
            edges.append((rule.step, rule.anchor, -rule.window.min, rule))
    distance = {name: 0 for edge in edges for name in edge[:2]}
    reached: dict[str, _Edge] = {}
    changed: str | None = None
    for _ in distance:
        changed = None
        for edge in edges:
            start, end, length, _rule = edge
            if distance[start] + length < distance[end]:
                distance[end] = distance[start] + length
                reached[end] = edge
                changed = end
    if changed is None:
        return []
    for _ in distance:  # walk back until surely on the cycle
        changed = reached[changed][0]
    cycle: list[Rule] = []
    name = changed
    while not cycle or name != changed:
        cycle.append(reached[name][3])
        name = reached[name][0]
    return cycle[::-1]


def _tell(rule: Rule) -> str:
    low, high = rule.window.min, rule.window.max
    if low is None:
        days = f"at most {high}"
    elif high is None:
        days = f"at least {low}"
    else:
        days = f"{low} to {high}"
    return f"{rule.step} {days} days after {rule.anchor}"
