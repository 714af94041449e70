"""When the sessions of a course fall, by the days that its protocol aims at."""

from __future__ import annotations

from dataclasses import dataclass

from scheduling.core.protocol import ProtocolDefinition, StepTemplate


@dataclass(frozen=True, slots=True)
class Row:
    """Sessions of one step; `days` count from the first session of the course, which is day 0."""

    service: str
    days: tuple[int, ...]


def course_days(protocol: ProtocolDefinition) -> list[Row]:
    """The core of a course in its order, by the target days of windows and gaps.

    Days are what the protocol aims at: a booked course moves with whoever it is booked for.
    """
    days: dict[str, int] = {}
    todo = list(protocol.core)
    while todo:
        left = [step for step in todo if not _place(step, days)]
        if len(left) == len(todo):
            break  # counted from what is not part of the core; the rest is not drawn
        todo = left
    first = min(days.values(), default=0)
    return [
        Row(step.service, tuple(sorted(days[session] - first for session in step.occurrences())))
        for step in protocol.core
        if step not in todo
    ]


def _place(step: StepTemplate, days: dict[str, int]) -> bool:
    """Put the step's sessions on their days; whether what they count from has its day already."""
    sessions = step.occurrences()
    if step.first:
        days[sessions[0]] = 0
        return True
    offset = (step.window.target if step.window else None) or 0
    if step.after:
        if not all(anchor in days for anchor in step.after):
            return False
        for session, anchor in zip(sessions, step.after, strict=True):
            days[session] = days[anchor] + offset
        return True
    if step.anchor not in days:
        return False
    gap = (step.gap.target if step.gap else None) or 0
    for number, session in enumerate(sessions):
        days[session] = days[step.anchor] + offset + number * gap
    return True
