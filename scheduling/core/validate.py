"""Is a protocol sound? Every mistake is reported, each where its author wrote it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from scheduling.core.catalogue import Catalogue
from scheduling.core.course import Window
from scheduling.core.feasible import cycle_mistakes, impossible_mistakes
from scheduling.core.gates import Gate
from scheduling.core.mistakes import Mistake, Path
from scheduling.core.protocol import Due, ProtocolDefinition, StepTemplate
from scheduling.core.provenance import (
    claim_mistakes,
    protocol_numbers,
    step_numbers,
    task_numbers,
)

MAX_SESSIONS = 100
MAX_DAYS = 1000
PAGE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""How a page to read is named. Whether there is one of that name is not known here."""


def protocol_mistakes(
    protocol: ProtocolDefinition, catalogue: Catalogue, sources: Collection[str]
) -> list[Mistake]:
    """Everything wrong with the protocol: names, windows, cycles, origins of its numbers."""
    placed = list(_placed(protocol))
    mistakes = [
        *_duplicate_ids(placed),
        *_size(protocol),
        *_pages(("reading",), protocol.reading),
        *(mistake for path, step, scope in placed for mistake in _step(path, step, catalogue)),
        *(mistake for path, step, scope in placed for mistake in _anchors(path, step, scope)),
        *_tasks(protocol),
        *_origins(protocol, placed, sources),
    ]
    # Only once every anchor exists can the whole be followed.
    if not mistakes:
        paths = {step.id: path for path, step, _ in placed}
        mistakes = list(cycle_mistakes(protocol, paths))
    if not mistakes:
        mistakes = list(impossible_mistakes(protocol, catalogue.services, paths))
    return mistakes


_Placed = tuple[Path, StepTemplate, tuple[StepTemplate, ...]]


def _placed(protocol: ProtocolDefinition) -> Iterator[_Placed]:
    """Each step with its place in the document and the steps it may refer to: a step of the core
    never leans on one that may be missing."""
    for index, step in enumerate(protocol.core):
        yield ("core", index), step, protocol.core
    for number, block in enumerate(protocol.blocks):
        for index, step in enumerate(block.steps):
            yield ("blocks", number, "steps", index), step, protocol.core + block.steps
    for index, step in enumerate(protocol.added_by_prescriber):
        scope = protocol.core + protocol.added_by_prescriber
        yield ("added_by_prescriber", index), step, scope


def _duplicate_ids(placed: list[_Placed]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for path, step, _ in placed:
        if step.id in seen:
            yield Mistake((*path, "id"), f"there are two steps called {step.id}")
        seen.add(step.id)


def _size(protocol: ProtocolDefinition) -> Iterator[Mistake]:
    sessions = sum(step.count or 0 for step in protocol.steps())
    if sessions > MAX_SESSIONS:
        yield Mistake(
            ("core",), f"{sessions} sessions are more than a course holds ({MAX_SESSIONS})"
        )


def _step(path: Path, step: StepTemplate, catalogue: Catalogue) -> Iterator[Mistake]:
    if step.service not in catalogue.services:
        yield Mistake((*path, "service"), f"unknown service {step.service}")
        return
    if step.count is None and path[0] != "added_by_prescriber":
        yield Mistake((*path, "count"), "only a step that the prescriber adds is open-ended")
    if step.count is not None and step.count < 1:
        yield Mistake((*path, "count"), "count must be 1 or more")
    if step.first and step.count != 1:
        yield Mistake((*path, "count"), "what comes first comes once")
    if sum((step.first, step.anchor is not None, bool(step.after))) != 1:
        yield Mistake(path, "say exactly one of `at: first`, `anchor` and `after`")
    if (step.anchor or step.after) and step.window is None:
        yield Mistake(path, "an anchor needs a window")
    if step.count != 1 and not step.after and step.gap is None:
        yield Mistake(path, "several sessions need a gap")
    for name, window in (("window", step.window), ("gap", step.gap)):
        if window is not None:
            yield from _window((*path, name), window)
    if step.gap is not None and (step.gap.min or 0) < 0:
        yield Mistake((*path, "gap"), "a gap is never negative")
    for gate in step.gates:
        if gate not in set(Gate):
            yield Mistake((*path, "gates"), f"unknown gate {gate}")
    yield from _pages((*path, "read"), step.read)
    if Gate.EDUCATION in step.gates and not step.read:
        yield Mistake((*path, "gates"), "the gate education needs something to read: `read`")
    roles = {need.role for need in catalogue.services[step.service].needs}
    for index, override in enumerate(step.overrides):
        if step.count is not None and not 1 <= override.occurrence <= step.count:
            text = f"there is no occurrence {override.occurrence} of {step.id}"
            yield Mistake((*path, "overrides", index, "occurrence"), text)
        for role in override.alone:
            if role not in roles:
                text = f"{step.service} needs nobody of role {role}"
                yield Mistake((*path, "overrides", index, "alone"), text)


def _pages(path: Path, pages: tuple[str, ...]) -> Iterator[Mistake]:
    for index, page in enumerate(pages):
        if not PAGE.fullmatch(page) or len(page) > 60:
            text = f"{page!r} must be lower-case letters, digits and -, at most 60"
            yield Mistake((*path, index), text)
        elif page in pages[:index]:
            yield Mistake((*path, index), f"{page} is named twice")


def _window(path: Path, window: Window) -> Iterator[Mistake]:
    days = [day for day in (window.min, window.target, window.max) if day is not None]
    if days != sorted(days):
        yield Mistake(path, f"{days} is not in order: [min, target, max]")
    if any(abs(day) > MAX_DAYS for day in days):
        yield Mistake(path, f"no window reaches further than {MAX_DAYS} days")


def _anchors(path: Path, step: StepTemplate, scope: tuple[StepTemplate, ...]) -> Iterator[Mistake]:
    sessions = {session for other in scope for session in other.occurrences()}
    named = [
        *([("anchor", step.anchor)] if step.anchor else []),
        *([("before", step.before)] if step.before else []),
        *(("after", anchor) for anchor in step.after),
    ]
    for key, anchor in named:
        if anchor not in sessions:
            yield Mistake((*path, key), f"there is no session {anchor} to count from")
        elif anchor in step.occurrences():
            yield Mistake((*path, key), f"{step.id} cannot be counted from itself")
    for other in step.not_same_day_as:
        if other not in {template.id for template in scope} - {step.id}:
            yield Mistake((*path, "not_same_day_as"), f"there is no other step {other}")


def _tasks(protocol: ProtocolDefinition) -> Iterator[Mistake]:
    anchors = {step.id for step in protocol.steps()}
    anchors |= {session for step in protocol.steps() for session in step.occurrences()}
    for index, task in enumerate(protocol.tasks):
        for number, due in enumerate(task.due):
            yield from _due(("tasks", index, "due", number), due, anchors)


def _due(path: Path, due: Due, anchors: Collection[str]) -> Iterator[Mistake]:
    if due.anchor not in anchors:
        yield Mistake((*path, "anchor"), f"there is no step or session {due.anchor}")
    if due.days[0] > due.days[1]:
        yield Mistake((*path, "days"), "the first day lies after the last")
    if due.times < 1 or (due.times > 1) != (due.every is not None) or (due.every or 1) < 1:
        yield Mistake(path, "`every` and `times` go together, both above zero")


def _origins(
    protocol: ProtocolDefinition, placed: list[_Placed], sources: Collection[str]
) -> Iterator[Mistake]:
    yield from claim_mistakes(
        (), protocol_numbers(protocol), protocol.source, protocol.clinic_default, sources
    )
    for path, step, _ in placed:
        yield from claim_mistakes(
            path, step_numbers(step), step.source, step.clinic_default, sources
        )
    for index, task in enumerate(protocol.tasks):
        yield from claim_mistakes(
            ("tasks", index), task_numbers(task), task.source, task.clinic_default, sources
        )
    for tag in protocol.evidence.sources:
        if tag not in sources:
            yield Mistake(("evidence", "sources"), f"unknown source {tag}")
