"""What a measurement says: one line of the table that `make bench` prints."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`figure` as measured, `goal` as words, `ratio` to the floor or reference named with it."""

    what: str
    figure: str
    goal: str = ""
    ratio: str = ""
    met: bool | None = None


def print_row(row: Row) -> None:
    mark = {True: "ok", False: "MISSED", None: ""}[row.met]
    print(f"{row.what:<54} {row.figure:<34} {row.goal:<20} {row.ratio:<34} {mark}", flush=True)


def print_head() -> None:
    print_row(Row("what", "figure", "goal", "ratio to a floor or reference"))
    print("-" * 150)


def cpu(action: Callable[[], object]) -> float:
    """Milliseconds of this thread's processor time."""
    began = time.thread_time()
    action()
    return 1000 * (time.thread_time() - began)


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which that share of the values lies (nearest rank)."""
    ordered: Sequence[float] = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(values: Sequence[float]) -> str:
    """p50 / p95 / p99 in milliseconds."""
    return " / ".join(f"{percentile(values, share):.3g}" for share in (0.5, 0.95, 0.99)) + " ms"
