"""What a patient can bear on one day: how many sessions, how long, and with what rest between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from scheduling.core.course import Course, DayLimits
from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refusal, refuse
from scheduling.core.wishes import PatientTime


def day_refusals(
    course: Course,
    placed: Mapping[str, Session],
    days: Mapping[str, date],
    limits: DayLimits,
    patient: PatientTime,
) -> Iterator[Refusal]:
    """Days that are too full or too long, breaks too short, and collisions with what the patient
    has elsewhere. `days` gives each session's local date at the site."""
    visits: dict[date, list[str]] = {}
    for step in course.steps:
        if step.id in placed:
            visits.setdefault(days[step.id], []).append(step.id)
    rest = limits.break_minutes * 60
    for day, steps in sorted(visits.items()):
        steps.sort(key=lambda step: (placed[step].start, placed[step].end))
        if len(steps) > limits.sessions:
            yield refuse(Code.DAY_FULL, date=day.isoformat(), limit=limits.sessions)
        last_end = max(placed[step].end for step in steps)
        if last_end - placed[steps[0]].start > limits.visit_minutes * 60:
            yield refuse(
                Code.VISIT_TOO_LONG, date=day.isoformat(), limit_minutes=limits.visit_minutes
            )
        for first, second in pairwise(steps):
            if placed[second].start - placed[first].end < rest:
                yield refuse(
                    Code.BREAK_TOO_SHORT, step=second, other=first, minutes=limits.break_minutes
                )
    for step_id, session in placed.items():
        for busy_from, busy_to in patient.busy:
            if session.start < busy_to + rest and busy_from < session.end + rest:
                yield refuse(Code.PATIENT_BUSY, step=step_id, start=session.start)
