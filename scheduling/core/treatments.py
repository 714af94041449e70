"""How close treatments may stand, and how many a year, across all of a patient's courses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import pairwise

from scheduling.core.course import Course
from scheduling.core.refusals import Code, Refusal, refuse
from scheduling.core.wishes import PatientTime

YEAR_DAYS = 365


def treatment_refusals(
    course: Course,
    days: Mapping[str, date],
    patient: PatientTime,
    told: Collection[frozenset[str]] = (),
) -> Iterator[Refusal]:
    """Treatments of the course too close to one another, or to others the patient has had or will
    have, and more of them in any 365 days than the protocol allows.

    Each treatment asks for its own distance to the next. `told` holds pairs of steps whose gap was
    refused already; they are not told twice.
    """
    treatments = sorted(
        (days[step.id], step.id)
        for step in course.steps
        if step.service.treatment and step.id in days
    )
    for (day, step), (next_day, next_step) in pairwise(treatments):
        between = (next_day - day).days
        if between < course.spacing_days and frozenset((step, next_step)) not in told:
            yield _too_close(next_step, step, course.spacing_days, between)
    for day, step in treatments:
        for other_day, other_spacing in patient.treatments:
            between = day.toordinal() - other_day
            wanted = other_spacing if between >= 0 else course.spacing_days
            if abs(between) < wanted:
                other = date.fromordinal(other_day).isoformat()
                yield _too_close(step, other, wanted, abs(between))
    yield from _cap(course, [day.toordinal() for day, _ in treatments], patient)


def _cap(course: Course, own: list[int], patient: PatientTime) -> Iterator[Refusal]:
    """At most one refusal: the fullest year that a treatment of this course would be part of."""
    limit = course.treatments_per_year
    if limit is None or not own:
        return
    every = sorted([*own, *(day for day, _ in patient.treatments)])
    fullest = max(
        sum(first <= day < first + YEAR_DAYS for day in every)
        for first in every
        if any(first <= day < first + YEAR_DAYS for day in own)
    )
    if fullest > limit:
        yield refuse(Code.TREATMENT_CAP, limit=limit, count=fullest)


def _too_close(step: str, other: str, wanted: int, days: int) -> Refusal:
    return refuse(Code.SPACING, step=step, other=other, min=wanted, days=days)
