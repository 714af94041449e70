"""Does a set of sessions keep the rules of its course? The look again before anything is written.

It shares nothing with the search and knows no resources: the database guards those.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from scheduling.core.course import START, Course, DayLimits, Rule
from scheduling.core.patient_day import day_refusals
from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refusal, refuse
from scheduling.core.treatments import treatment_refusals
from scheduling.core.walltime import local_date
from scheduling.core.wishes import PatientTime


@dataclass(frozen=True, slots=True)
class Findings:
    """`broken` forbids; `warnings` are maxima that a single move may exceed, with a prescriber's
    task, because real life slips."""

    broken: tuple[Refusal, ...]
    warnings: tuple[Refusal, ...] = ()


def verify(
    course: Course,
    sessions: Mapping[str, Session],
    *,
    zone: str,
    start: date | None = None,
    limits: DayLimits = DayLimits(),  # noqa: B008 - frozen
    patient: PatientTime = PatientTime(),  # noqa: B008 - frozen
    partial: bool = False,
    soft_maximum: bool = False,
    ignore: Collection[Code] = (),
) -> Findings:
    """Every broken rule, with its facts.

    `sessions` maps step ids to sessions; with `partial` some may be missing. `start` is the
    patient's earliest date (None: nothing is counted from it). `soft_maximum`: an exceeded maximum
    of a window or gap is a warning. `ignore`: codes that somebody entitled has overridden.
    """
    known = {step.id for step in course.steps}
    placed = {step: session for step, session in sessions.items() if step in known}
    days = {step: local_date(session.start, zone) for step, session in placed.items()}
    broken = [refuse(Code.STEP_UNKNOWN, step=step) for step in sessions if step not in known]
    if not partial:
        broken += [
            refuse(Code.STEP_MISSING, step=step.id) for step in course.steps if step.id not in days
        ]
    warnings: list[Refusal] = []
    told: set[frozenset[str]] = set()
    for rule in course.rules:
        for refusal, too_late in _rule(rule, placed, days, start):
            (warnings if soft_maximum and too_late else broken).append(refusal)
            told.add(frozenset((rule.step, rule.anchor)))
    broken += [
        refuse(Code.SAME_DAY, step=step, other=other)
        for step, other in course.apart
        if step in days and days[step] == days.get(other)
    ]
    broken += treatment_refusals(course, days, patient, told)
    broken += _talk_first(course, placed, days)
    broken += day_refusals(course, placed, days, limits, patient)
    broken += _continuity(course, placed)
    return Findings(
        tuple(refusal for refusal in broken if refusal.code not in ignore),
        tuple(refusal for refusal in warnings if refusal.code not in ignore),
    )


def _rule(
    rule: Rule,
    placed: Mapping[str, Session],
    days: Mapping[str, date],
    start: date | None,
) -> Iterator[tuple[Refusal, bool]]:
    """Refusals of one rule, each with whether it is only a maximum exceeded."""
    anchor_day = start if rule.anchor == START else days.get(rule.anchor)
    if anchor_day is None or rule.step not in days:
        return
    low, high = rule.window.min, rule.window.max
    apart = (days[rule.step] - anchor_day).days
    too_early = low is not None and apart < low
    too_late = high is not None and apart > high
    if too_early or too_late:
        facts = {"step": rule.step, "anchor": rule.anchor, "min": low, "max": high, "days": apart}
        yield refuse(Code.GAP if rule.kind == "gap" else Code.WINDOW, **facts), too_late
    elif apart == 0 and rule.anchor != START:
        step, anchor = placed[rule.step], placed[rule.anchor]
        if low is not None and low >= 0:
            in_order = step.start >= anchor.end
        else:
            in_order = high is None or high > 0 or step.end <= anchor.start
        if not in_order:
            yield refuse(Code.ORDER, step=rule.step, other=rule.anchor), False


def _talk_first(
    course: Course, placed: Mapping[str, Session], days: Mapping[str, date]
) -> Iterator[Refusal]:
    """Talk comes before a treatment of the same day: afterwards the patient needs rest."""
    talks = [step.id for step in course.steps if step.service.talk and step.id in placed]
    treatments = [step.id for step in course.steps if step.service.treatment and step.id in placed]
    for talk in talks:
        for treatment in treatments:
            same_day = days[talk] == days[treatment]
            if same_day and placed[talk].end > placed[treatment].start:
                yield refuse(Code.ORDER, step=treatment, other=talk)


def _continuity(course: Course, placed: Mapping[str, Session]) -> Iterator[Refusal]:
    """A role of continuity is one and the same person throughout the course."""
    served: dict[str, set[str]] = {}
    for step in course.steps:
        role = step.service.continuity
        if role is not None and step.id in placed:
            units = (taken.unit for taken in placed[step.id].taken if taken.role == role)
            served.setdefault(role, set()).update(units)
    for role, people in served.items():
        if len(people) > 1:
            yield refuse(Code.CONTINUITY, role=role)
