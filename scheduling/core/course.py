"""A course: the flat list of sessions and day rules that a protocol and a choice of blocks give.

Windows and gaps count **local calendar days** of the clinic's site. This is the form in which the
planner, the rule checker and the repair see a protocol; `protocol.py` makes it from a template.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from scheduling.core.service import Service

START = "start"
"""Pseudo step: the patient's earliest date. A window anchored here counts from that day."""


@dataclass(frozen=True, slots=True)
class Window:
    """`min <= days <= max` binds; `target` is what clinicians aim for. None: no such limit."""

    min: int | None = None
    target: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """`day(step) - day(anchor)` lies in `window`.

    On equal days: `window.min >= 0` means the step starts after the anchor has ended;
    `window.max <= 0` means the step ends before the anchor starts; otherwise the order is free.
    `kind` is `window` (against another step) or `gap` (against the previous of the same step), and
    chooses the refusal's code.
    """

    anchor: str
    step: str
    window: Window
    kind: str = "window"


@dataclass(frozen=True, slots=True)
class Step:
    """One session of the course. `id` is the step slug and occurrence: `inf.1`, `eval.1`.

    `core` steps count for the day on which the course is finished; others belong to `block`.
    """

    id: str
    service: Service
    core: bool = True
    block: str | None = None
    gates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """Steps in the protocol's order, the rules between them, and pairs never on one day.

    `spacing_days` is the protocol's minimum distance between any two treatments of the patient,
    also across courses: 2 means at least one free day between. `treatments_per_year` caps them in
    any 365 days, other courses included.
    """

    steps: tuple[Step, ...]
    rules: tuple[Rule, ...]
    apart: tuple[tuple[str, str], ...] = ()
    spacing_days: int = 1
    treatments_per_year: int | None = None

    def step(self, step_id: str) -> Step:
        """The step of that id. Raises KeyError."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def only(self, steps: Collection[str]) -> Course:
        """The course without its other steps, and without the rules that name them."""
        return replace(
            self,
            steps=tuple(step for step in self.steps if step.id in steps),
            rules=tuple(
                rule
                for rule in self.rules
                if rule.step in steps and (rule.anchor == START or rule.anchor in steps)
            ),
            apart=tuple(pair for pair in self.apart if pair[0] in steps and pair[1] in steps),
        )


@dataclass(frozen=True, slots=True)
class DayLimits:
    """What a patient can bear on one day; the clinic's own defaults."""

    sessions: int = 4
    break_minutes: int = 10
    visit_minutes: int = 360
