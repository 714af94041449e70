"""Answers of the planner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from scheduling.core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Taken:
    """One requirement met: `unit` serves `role` from `start` to `end` (POSIX seconds).

    `lanes` is how many lanes it takes: 1, all of the unit (`alone`), or 0 (`present`).
    """

    role: str
    unit: str
    start: int
    end: int
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class Session:
    """One step at one time (POSIX seconds, half-open), with the units bound to it."""

    step: str
    start: int
    end: int
    taken: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a proposal is offered: a code and its facts, worded at the edge."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One complete, feasible set of times. `score` is its cost: lower is better."""

    sessions: tuple[Session, ...]
    score: int
    trips: int
    starts_on: date
    ends_on: date
    profile: str = "balanced"
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Up to `limit` proposals, best first; or none, and why.

    `optimal` is false where a node limit was met; `bound` is then a proven lower bound on the best
    score of the first profile.
    """

    proposals: tuple[Proposal, ...] = ()
    optimal: bool = True
    bound: int | None = None
    refusals: tuple[Refusal, ...] = ()
