"""Which starts one entry of the waitlist could be offered, under every rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from scheduling import snapshots
from scheduling.core.course import Course, Step
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.walltime import local
from scheduling.core.wishes import DAY_PARTS
from scheduling.models import AppointmentStatus, WaitlistEntry, WaitlistWant
from scheduling.selectors import courses
from scheduling.selectors.moves import openings_of_session
from scheduling.selectors.openings import openings
from scheduling.selectors.services import core_service
from scheduling.selectors.waitlist_timing import timing
from scheduling.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Fit:
    """What an entry could be offered: `starts`, ascending, for `step` of `course`, with `persons`
    who have to give it."""

    starts: tuple[datetime, ...]
    course: Course
    step: str
    persons: Mapping[str, str]


def fit(entry: WaitlistEntry, start: datetime, end: datetime, now: datetime) -> Fit:
    """The starts in `[start, end)` that the entry wants, are free, leave time to get ready, and
    keep every rule of its course while all other sessions stay. Not for whole courses.

    Raises Refused where the service is not offered any more. Nine queries at most.
    """
    snapshot = snapshots.current(entry.site, now)
    definition = snapshot.services.get(entry.service_id or "")
    if definition is None:
        raise Refused([refuse(Code.UNKNOWN, field="service", value=entry.service_id)])
    soonest = timing(entry.site, now).soonest(definition)
    first = max(start, soonest)
    course, step = _course(entry, snapshot)
    persons = _persons(entry, course, step)
    appointment = entry.appointment
    if appointment is None:
        found = openings(
            site=entry.site,
            service=definition.slug,
            mode=entry.mode,
            practitioner=str(entry.person_id) if entry.person_id else None,
            patient=entry.patient,
            start=first,
            end=end,
            staff=True,
            now=now,
        )
    else:
        found = openings_of_session(appointment, start=first, end=end, now=now)
    wanted = set(persons.items())
    starts = (
        datetime.fromtimestamp(one.start, UTC)
        for one in found
        if not wanted or wanted <= set(one.units)
    )
    kept = tuple(one for one in starts if wants(entry, one))
    return Fit(kept, course, step, persons)


def wants(entry: WaitlistEntry, start: datetime) -> bool:
    """Whether a start is what the entry asks for, and not the time it has."""
    appointment = entry.appointment
    if appointment is not None and appointment.status == AppointmentStatus.BOOKED:
        if start == appointment.start:
            return False
        if entry.want == WaitlistWant.EARLIER and start >= appointment.start:
            return False
    return within(entry, start)


def within(entry: WaitlistEntry, start: datetime) -> bool:
    """Whether a start lies on the days and at the times that the entry is limited to."""
    wall = local(start, entry.site.timezone)
    day, minute = wall.date(), wall.hour * 60 + wall.minute
    parts = (DAY_PARTS[part] for part in entry.day_parts)
    return (
        entry.earliest <= day
        and (entry.latest is None or day <= entry.latest)
        and (not entry.weekdays or day.isoweekday() in entry.weekdays)
        and (not entry.day_parts or any(low <= minute < high for low, high in parts))
    )


def _course(entry: WaitlistEntry, snapshot: Snapshot) -> tuple[Course, str]:
    """The session's course, or one of this session alone, and its step."""
    if entry.care_plan is not None and entry.appointment is not None:
        course = courses.course_of(entry.care_plan, snapshot.services)
        return course, entry.appointment.step
    assert entry.service_id is not None  # noqa: S101 - for the type checker
    kind = core_service(entry.service_id, entry.mode, known=snapshot.services)
    return Course((Step("", kind),), ()), ""


def _persons(entry: WaitlistEntry, course: Course, step: str) -> dict[str, str]:
    """Who has to give the session: whom the entry asks for, or who gives the rest of the course."""
    if entry.person is not None:
        roles = {need.role for need in course.step(step).service.requirements if not need.present}
        return {role: str(entry.person_id) for role in entry.person.roles if role in roles}
    if entry.care_plan is None:
        return {}
    role = course.step(step).service.continuity
    others = courses.sessions_of(entry.care_plan)
    others.pop(step, None)
    held = courses.practitioners_of(others.values(), course)
    return {role: held[role]} if role is not None and role in held else {}
