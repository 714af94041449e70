"""A course template as its author writes it. `expand.py` makes a `Course` from it.

Windows and gaps count local calendar days. An anchor names one occurrence of a step: `inf.1`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scheduling.core.catalogue import BookableBy
from scheduling.core.course import Window


class Strength(StrEnum):
    """How well the course is supported, in the words shown to patients and prescribers."""

    APPROVED = "approved"
    BEST_STUDIED = "best_studied"
    MODERATE = "moderate"
    MIXED = "mixed"
    WEAK = "weak"
    EXPERIMENTAL = "experimental"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known, in one honest sentence or two, and where it was published."""

    strength: Strength
    summary: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Override:
    """What differs at one occurrence: at a first dose the nurse watches no other chair."""

    occurrence: int
    alone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepTemplate:
    """`count` sessions of one service.

    - `first`: before everything else; `within` days of the patient's earliest date.
    - `anchor` with `window`: days from that occurrence to this step's first. A window that lies
      wholly before its anchor (`max` < 0) bounds every occurrence.
    - `after` with `window`: one occurrence for each anchor, in that order, on different days.
    - `gap`: days between one occurrence and the next. Its minimum is also the distance that
      treatments of the patient keep from one another everywhere.
    - `before`: the last occurrence ends before that occurrence starts.
    - `not_same_day_as`: steps that never fall on one day with this one.
    - `skip_if_cleared`: left out for a patient whom a prescriber has cleared already.
    - `needs`: what must be true before a prescriber adds the step.
    - `read`: names of the pages to read before its sessions. The gate `education` asks for them.
    - `count` None: open-ended; only for steps that a prescriber adds.
    - `source` and `clinic_default` say where each number comes from, by its name in the file.
    """

    id: str
    service: str
    count: int | None = 1
    first: bool = False
    within: int | None = None
    anchor: str | None = None
    after: tuple[str, ...] = ()
    window: Window | None = None
    gap: Window | None = None
    before: str | None = None
    not_same_day_as: tuple[str, ...] = ()
    skip_if_cleared: bool = False
    gates: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    needs: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    source: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    clinic_default: tuple[str, ...] = ()

    def occurrences(self) -> tuple[str, ...]:
        """The ids of its sessions; none for an open-ended step."""
        return tuple(f"{self.id}.{number}" for number in range(1, (self.count or 0) + 1))


@dataclass(frozen=True, slots=True)
class Block:
    """An optional part of the course, booked whole or not at all, at once or later."""

    id: str
    title: str
    steps: tuple[StepTemplate, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """When a task is due: between two days counted from an anchor, both included.

    `anchor` is an occurrence (`inf.6`), or a step (`inf`) for each of its occurrences.
    `every` repeats it each so many days, `times` times in all.
    """

    anchor: str
    days: tuple[int, int]
    every: int | None = None
    times: int = 1


@dataclass(frozen=True, slots=True)
class TaskTemplate:
    """A questionnaire or form, never a session. `record` says what is kept of it.

    `total`: staff enter the result only, where the instrument's licence forbids showing its items.
    """

    id: str
    title: str
    who: str
    due: tuple[Due, ...]
    record: str = "answers"
    source: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    clinic_default: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProtocolDefinition:
    """One version of a course template.

    `core` is always booked; `blocks` are chosen; steps `added_by_prescriber` are never reserved
    ahead. `reading` names the pages that tell of the course as a whole. `reason_required`: the
    prescriber states why. `spacing_override`: staff may override the spacing of treatments with a
    recorded reason. `treatments_per_year` caps any 365 days.
    """

    slug: str
    title: str
    summary: str
    bookable_by: BookableBy
    evidence: Evidence
    core: tuple[StepTemplate, ...]
    blocks: tuple[Block, ...] = ()
    added_by_prescriber: tuple[StepTemplate, ...] = ()
    tasks: tuple[TaskTemplate, ...] = ()
    reading: tuple[str, ...] = ()
    experimental: bool = False
    reason_required: bool = False
    spacing_override: bool = False
    treatments_per_year: int | None = None
    source: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    clinic_default: tuple[str, ...] = ()

    def steps(self) -> Iterator[StepTemplate]:
        """Every step template, in the protocol's order."""
        yield from self.core
        for block in self.blocks:
            yield from block.steps
        yield from self.added_by_prescriber

    def block(self, block_id: str) -> Block:
        """The block of that id. Raises KeyError."""
        for block in self.blocks:
            if block.id == block_id:
                return block
        raise KeyError(block_id)
