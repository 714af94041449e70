"""The course search: best plan, several proposals, no plan, its reasons, and its limits.

Medium clinic at 85 % load, warm masks, pure Python, processor time of one thread. The floor of
the same run is arc consistency over the same masks, which any exact search does at least once.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from statistics import median

from benchmarks import clinics, courses
from benchmarks.table import Row, cpu, percentile, spread
from scheduling.core.availability import Availability
from scheduling.core.course import Course, DayLimits
from scheduling.core.explain import why_none
from scheduling.core.formulate import problem_of
from scheduling.core.grid import DayGrid
from scheduling.core.planner import best
from scheduling.core.proposals import propose
from scheduling.core.windows import narrowed
from scheduling.core.wishes import PatientTime, Wishes

QUERIES = 60
Query = tuple[Course, Wishes]


def rows() -> Iterator[Row]:
    """One line per figure of the search."""
    made = availability_of("medium", 0.85)
    yield from _best(made, 14, 150)
    yield from _best(made, 21, 400)
    yield from _proposals()
    yield from _none(made)
    for load in (0.3, 0.85):
        yield from _limits(load)


def availability_of(size: str, load: float) -> Availability:
    """The clinic's masks, compiled from its rows."""
    made = clinics.clinic(size, load)
    return Availability(DayGrid(made.zone, made.first, made.days), made.units, made.bookings)


def queries(steps: int, count: int = QUERIES) -> Iterator[Query]:
    """Patients by seed, spread over ten weeks."""
    for seed in range(count):
        rng = Random(seed)
        wishes, start_by = clinics.wishes(rng)
        wishes = replace(wishes, earliest=wishes.earliest + timedelta(weeks=rng.randrange(6)))
        yield courses.course(steps, start_by=start_by), wishes


def _best(made: Availability, steps: int, goal: int) -> Iterator[Row]:
    found, none, floors, walls = [], [], [], []
    for course, wishes in queries(steps):
        best(made, course, wishes)  # warm masks
        floors.append(cpu(lambda: _floor(made, course, wishes)))  # noqa: B023 - called at once
        began, wall = time.thread_time(), time.perf_counter()
        answer = best(made, course, wishes)
        taken = 1000 * (time.thread_time() - began)
        walls.append(1000 * (time.perf_counter() - wall))
        (found if answer.proposals else none).append(taken)
    if found:
        yield Row(
            f"best plan, {steps} steps, medium 85 % ({len(found)} of {QUERIES} feasible), CPU",
            spread(found),
            f"p95 < {goal} ms",
            f"{median(found) / median(floors):.1f} x arc consistency",
            met=percentile(found, 0.95) < goal,
        )
        yield Row(f"best plan, {steps} steps, all queries, wall", spread(walls))
    if none:
        yield Row(
            f"no plan found to exist, {steps} steps ({len(none)})",
            spread(none),
            "p95 < 10 ms",
            f"{median(none) / median(floors):.1f} x arc consistency",
            met=percentile(none, 0.95) < 10,
        )


def _floor(made: Availability, course: Course, wishes: Wishes) -> None:
    problem = problem_of(made, course, wishes, patient=PatientTime(), limits=DayLimits())
    for variant in problem.variants:
        narrowed([sum(1 << day for day in options) for options in variant.options], problem.rules)


def _proposals() -> Iterator[Row]:
    made = availability_of("small", 0.6)
    times, offered = [], []
    for course, wishes in queries(22, 20):
        best(made, course, wishes)
        began = time.thread_time()
        answer = propose(made, course, wishes)
        taken = 1000 * (time.thread_time() - began)
        if answer.proposals:
            times.append(taken)
            offered.append(len(answer.proposals))
    yield Row(
        f"five proposals, 22 sessions, small 60 % ({len(times)} of 20 feasible), CPU",
        spread(times),
        "p95 < 800 ms",
        f"{median(offered):.0f} proposals (median)",
        met=percentile(times, 0.95) < 800,
    )


def _none(made: Availability) -> Iterator[Row]:
    times = []
    for steps in (14, 21):
        for course, wishes in queries(steps):
            if not best(made, course, wishes).proposals:
                began = time.thread_time()
                why_none(made, course, wishes)
                times.append(1000 * (time.thread_time() - began))
    yield Row(
        f"no plan explained ({len(times)})",
        spread(times),
        "p95 < 500 ms",
        met=percentile(times, 0.95) < 500,
    )


def _limits(load: float) -> Iterator[Row]:
    """29 loose steps: the slowest answer, and apart from it the most memory of a search."""
    made = availability_of("medium", load)
    asked = list(queries(29, 12))
    times, exact = [], 0
    for course, wishes in asked:
        best(made, course, wishes)
        began = time.thread_time()
        answer = best(made, course, wishes)
        times.append(1000 * (time.thread_time() - began))
        exact += answer.optimal
    peaks = []
    for course, wishes in asked[:4]:
        tracemalloc.start()
        best(made, course, wishes)
        peaks.append(tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.stop()
    yield Row(
        f"29 loose steps, {load:.0%} ({exact} of {len(asked)} proved), CPU",
        f"{spread(times)}, max {max(times):.0f}",
        "max < 2000 ms",
        met=max(times) < 2000,
    )
    yield Row(
        "29 loose steps, memory at its peak",
        f"{max(peaks):.1f} MiB",
        "< 64 MB",
        met=max(peaks) < 61,
    )
