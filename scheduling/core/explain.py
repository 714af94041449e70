"""Why no plan exists: what stands in the way, and the nearest change that would help.

Arc consistency on day sets decides windows and calendars together, so a cause can be tried out
without a search: relax one wish at a time, and see whether every step has a day left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scheduling.core.availability import Availability
from scheduling.core.course import Course, DayLimits, Step
from scheduling.core.day_rules import day_rules
from scheduling.core.formulate import Starts, pools_of, problem_of
from scheduling.core.problem import Weights
from scheduling.core.refusals import Code, Refusal, refuse
from scheduling.core.search import search
from scheduling.core.windows import narrowed
from scheduling.core.wishes import DAY_PARTS, PatientTime, Wishes

NOTHING_ELSE = PatientTime()
USUAL_LIMITS = DayLimits()
CONFIRMING_NODES = 150
LATER_STARTS = (7, 14, 28, 56)


def why_none(
    availability: Availability,
    course: Course,
    wishes: Wishes,
    *,
    patient: PatientTime = NOTHING_ELSE,
    limits: DayLimits = USUAL_LIMITS,
) -> tuple[Refusal, ...]:
    """First the step and resource in the way, then the changes that would help, nearest first.

    `no_start`: step, role (the one whose absence costs most days), days_open (days on which all
    roles work), days_joint (days with a start), from, to. `no_plan`: a smallest set of steps that
    cannot be placed together. `would_help`: change, first_start (a date), and for `role` which one.
    """
    view = _View(availability, course, wishes, patient, limits)
    steps = _conflict(view)
    if not steps:
        return ()
    scarce = min(steps, key=lambda step: (view.days(step).bit_count(), step.id))
    role, in_the_way = _bottleneck(view, steps, scarce)
    refusals = [in_the_way]
    if len(steps) > 1:
        refusals.append(refuse(Code.NO_PLAN, steps=tuple(step.id for step in steps)))
    helps: dict[str, Refusal] = {}
    for change, relaxed, facts in _relaxed(view, role):
        if change in helps:
            continue
        first = _first_start(relaxed)
        if first is not None:
            helps[change] = refuse(Code.WOULD_HELP, change=change, first_start=first, **facts)
    nearest = sorted(helps.values(), key=lambda hint: hint.facts["first_start"])
    return (*refusals, *nearest)


@dataclass(frozen=True, slots=True)
class _View:
    """One question: the clinic, the course and the patient."""

    availability: Availability
    course: Course
    wishes: Wishes
    patient: PatientTime
    limits: DayLimits

    def starts(self) -> Starts:
        return Starts(
            self.availability, self.course, self.wishes, self.patient, self.limits, Weights(), 0, {}
        )

    def days(self, step: Step) -> int:
        """Days, counted from the earliest date, on which the step has a start with any units."""
        starts = self.starts()
        days = 0
        for units in starts.continuity():
            days |= starts.rows(step, units)[2]
        return days


def _conflict(view: _View) -> tuple[Step, ...]:
    """A smallest set of steps that cannot be placed together: without any one of them it can."""
    starts, steps = view.starts(), view.course.steps
    days = [0] * len(steps)
    for units in starts.continuity():
        for index, step in enumerate(steps):
            days[index] |= starts.rows(step, units)[2]
    for step, possible in zip(steps, days, strict=True):
        if not possible:
            return (step,)
    kept = list(range(len(steps)))
    if _placeable(view, kept, days):
        return steps  # every window can be met; it is the same day, or one practitioner, that fails
    for index in range(len(steps)):
        fewer = [other for other in kept if other != index]
        if not _placeable(view, fewer, days):
            kept = fewer
    return tuple(steps[index] for index in kept)


def _placeable(view: _View, kept: list[int], days: list[int]) -> bool:
    position = {view.course.steps[index].id: at for at, index in enumerate(kept)}
    rules = list(day_rules(view.course, position, {}))
    return narrowed([days[index] for index in kept], rules) is not None


def _bottleneck(view: _View, steps: tuple[Step, ...], scarce: Step) -> tuple[str, Refusal]:
    """The role of the scarce step that costs most days, and the days looked at."""
    availability, wishes = view.availability, view.wishes
    grid, service = availability.grid, scarce.service
    origin = grid.day_of(wishes.earliest)
    first, last = _window(view, steps, scarce)
    span = ((1 << (last + 1)) - 1) >> first << first if last >= first else 0
    joint = view.days(scarce) & span
    roles = list(dict.fromkeys(need.role for need in service.requirements))
    gains = {}
    for role in roles:
        without = _without_role(view, role)
        spared = next(step for step in without.course.steps if step.id == scarce.id)
        gains[role] = (without.days(spared) & span & ~joint).bit_count()
    role = max(roles, key=lambda name: gains[name], default="")
    pools = pools_of(availability, wishes, service, {})
    open_days = span
    for pool in pools:
        staffed = 0
        for unit in pool:
            staffed |= availability.open_days(unit)
        open_days &= staffed >> origin if origin >= 0 else staffed << -origin
    return role, refuse(
        Code.NO_START,
        step=scarce.id,
        role=role,
        days_open=open_days.bit_count(),
        days_joint=joint.bit_count(),
        **{"from": wishes.earliest + timedelta(first), "to": wishes.earliest + timedelta(last)},
    )


def _window(view: _View, steps: tuple[Step, ...], scarce: Step) -> tuple[int, int]:
    """The first and last day that the rules and the other steps leave to this one."""
    starts = view.starts()
    last = starts.last - starts.origin
    every = (1 << (last + 1)) - 1 if last >= 0 else 0
    position = {step.id: index for index, step in enumerate(steps)}
    rules = list(day_rules(view.course, position, {}))
    others = [every if step is scarce else view.days(step) for step in steps]
    left = narrowed(others, rules) or narrowed([every] * len(steps), rules)
    if left is None:
        return 0, max(last, 0)
    days = left[position[scarce.id]]
    return (days & -days).bit_length() - 1, days.bit_length() - 1


def _relaxed(view: _View, role: str) -> Iterator[tuple[str, _View, Mapping[str, object]]]:
    """One wish relaxed at a time, where there is something to relax; smaller changes first."""
    wishes = view.wishes
    changes: dict[str, Mapping[str, object]] = {
        "latest": {"latest": None},
        "weekdays": {"weekdays": frozenset(range(1, 8))},
        "day_parts": {"day_parts": frozenset(DAY_PARTS)},
        "hours": {"not_before": 0, "not_after": 24 * 60},
        "languages": {"languages": frozenset()},
        "access": {"access": frozenset()},
        "practitioners": {"practitioners": {}},
        "fixed": {"fixed": {}},
    }
    for change, values in changes.items():
        if any(getattr(wishes, name) != value for name, value in values.items()):
            relaxed: Wishes = replace(wishes, **values)  # type: ignore[arg-type]
            yield change, replace(view, wishes=relaxed), {}
    for days in LATER_STARTS:
        earliest = wishes.earliest + timedelta(days)
        if wishes.latest is None or earliest <= wishes.latest:
            yield (
                "earliest",
                replace(view, wishes=replace(wishes, earliest=earliest)),
                {"earliest": earliest},
            )
    if role:
        yield "role", _without_role(view, role), {"role": role}


def _without_role(view: _View, role: str) -> _View:
    """The same course where nobody of that role is needed: as if there were always one more."""

    def spared(step: Step) -> Step:
        needs = tuple(need for need in step.service.requirements if need.role != role)
        continuity = None if step.service.continuity == role else step.service.continuity
        return replace(
            step, service=replace(step.service, requirements=needs, continuity=continuity)
        )

    steps = tuple(spared(step) for step in view.course.steps)
    return replace(view, course=replace(view.course, steps=steps))


def _first_start(view: _View) -> date | None:
    """The first day of a plan, or None where a short search finds none."""
    problem = problem_of(
        view.availability, view.course, view.wishes, patient=view.patient, limits=view.limits
    )
    found = search(problem, node_limit=CONFIRMING_NODES, any_plan=True)
    if found.plan is None:
        return None
    return view.wishes.earliest + timedelta(min(day for day, _ in found.plan.places))
