"""Joint requirements: which compete for the same units, and when all of them can be met."""

from __future__ import annotations

from collections.abc import Iterable

from scheduling.core.service import Requirement

Need = tuple[Requirement, dict[str, int]]
"""A requirement, and for each unit that may serve it the starts at which it can."""


def any_of(masks: Iterable[int]) -> int:
    """The starts of one mask or another."""
    result = 0
    for mask in masks:
        result |= mask
    return result


def entangled(needs: list[Need]) -> list[list[Need]]:
    """Groups of requirements that compete: at the same moment for a unit both could use."""
    groups: list[list[Need]] = []
    for need in needs:
        rivals = [group for group in groups if any(_compete(need, other) for other in group)]
        groups = [group for group in groups if group not in rivals]
        groups.append([need, *(other for group in rivals for other in group)])
    return groups


def _compete(one: Need, other: Need) -> bool:
    overlap = one[0].start < other[0].end and other[0].start < one[0].end
    return overlap and not one[1].keys().isdisjoint(other[1])


def jointly(group: list[Need], within: int, used: tuple[tuple[Need, str], ...] = ()) -> int:
    """Starts at which all can be met by units that are distinct where they overlap in time."""
    if len(used) == len(group):
        return within
    need = group[len(used)]
    found = 0
    for unit, mask in need[1].items():
        if any(unit == taken and _compete(need, other) for other, taken in used):
            continue
        rest = within & mask & ~found
        if rest:
            found |= jointly(group, rest, (*used, (need, unit)))
    return found
