"""Where each number of a definition comes from: a published source, or the clinic's own choice.

A definition claims its numbers by name in `source` and `clinic_default`. A claim on `gap` covers
`gap.min`, `gap.target` and `gap.max`. Every number must be claimed exactly once, so that nobody
mistakes a default for a finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.course import Window
from scheduling.core.mistakes import Mistake
from scheduling.core.protocol import ProtocolDefinition, StepTemplate, TaskTemplate

Claims = Mapping[str, tuple[str, ...]]


def step_numbers(step: StepTemplate) -> Iterator[str]:
    """The numbers that a step template holds."""
    if step.count != 1 and not step.after:
        yield "count"
    if step.after:
        yield "after"
    if step.within is not None:
        yield "within"
    yield from _window_numbers("window", step.window)
    yield from _window_numbers("gap", step.gap)


def task_numbers(task: TaskTemplate) -> Iterator[str]:
    for number, _ in enumerate(task.due, start=1):
        yield f"due.{number}"


def protocol_numbers(protocol: ProtocolDefinition) -> Iterator[str]:
    if protocol.treatments_per_year is not None:
        yield "treatments_per_year"


def service_numbers(service: ServiceDefinition) -> Iterator[str]:
    for phase in service.phases:
        yield f"phases.{phase.name}"
    if any(need.minutes for need in service.needs):
        yield "needs"
    if service.gates:
        yield "gates"
    for name in ("min_age", "minimum_observation", "lead_hours", "late_cancel_hours"):
        if getattr(service, name):
            yield name


def claim_mistakes(
    path: tuple[str | int, ...],
    numbers: Iterable[str],
    source: Claims,
    clinic_default: Collection[str],
    known_sources: Collection[str],
) -> Iterator[Mistake]:
    """What is claimed twice, not at all, or without a number or source behind it."""
    numbers = set(numbers)
    claims = [*source, *clinic_default]
    for number in sorted(numbers):
        count = sum(_covers(claim, number) for claim in claims)
        if count == 0:
            text = f"say where {number} comes from: under `source` or `clinic_default`"
            yield Mistake((*path, number.split(".")[0]), text)
        elif count > 1:
            yield Mistake((*path, number.split(".")[0]), f"{number} has two origins; keep one")
    for name, claimed in (("source", list(source)), ("clinic_default", list(clinic_default))):
        for claim in claimed:
            if not any(_covers(claim, number) for number in numbers):
                yield Mistake((*path, name), f"there is no number called {claim} here")
    for tags in source.values():
        for tag in tags:
            if tag not in known_sources:
                yield Mistake((*path, "source"), f"unknown source {tag}")


def _window_numbers(name: str, window: Window | None) -> Iterator[str]:
    for part in ("min", "target", "max"):
        if window is not None and getattr(window, part) is not None:
            yield f"{name}.{part}"


def _covers(claim: str, number: str) -> bool:
    return number == claim or number.startswith(f"{claim}.")
