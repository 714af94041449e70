"""What else of a course must change when one of its sessions moves, and how little will do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from scheduling.core import replan as replanning
from scheduling.core.availability import Availability
from scheduling.core.course import Course
from scheduling.core.plan import Answer, Session
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.wishes import PatientTime, Wishes
from scheduling.models import Appointment, AppointmentStatus
from scheduling.operations import write
from scheduling.operations.binding import Wanted
from scheduling.selectors import courses

MOVABLE = frozenset({AppointmentStatus.HELD, AppointmentStatus.BOOKED})


def least_change(
    availability: Availability,
    course: Course,
    appointments: Collection[Appointment],
    current: Mapping[str, Session],
    *,
    moved: str,
    wanted: Wanted,
    wishes: Iterable[Wishes],
    elsewhere: PatientTime,
    now: datetime,
) -> dict[str, Wanted]:
    """The steps that change when `moved` goes to where it is `wanted`, itself among them.

    What has begun or is over stays. The first of the `wishes` that leave a way are kept to. Raises
    Refused with the search's reasons, or NO_PLAN.
    """
    frozen = frozenset(
        one.step for one in appointments if one.status not in MOVABLE or one.start <= now
    )
    movable = [one for one in appointments if one.step not in frozen]
    past = (availability.grid.midnights[0], int(now.timestamp()))
    answer = Answer()
    for wish in wishes:
        answer = replanning.replan(
            availability.without(courses.bookings_of(movable)),
            course,
            current,
            move={moved: wanted.second},
            frozen=frozen,
            wishes=wish,
            patient=PatientTime((*elsewhere.busy, past), elsewhere.treatments),
        )
        if answer.proposals:
            break
    else:
        raise Refused(answer.refusals or [refuse(Code.NO_PLAN, steps=sorted(current))])
    changed = dict(_changes(answer.proposals[0].sessions, current, course))
    follows = changed.get(moved, wanted).practitioners
    changed[moved] = Wanted(wanted.start, {**follows, **wanted.practitioners})
    return changed


def _changes(
    sessions: Iterable[Session], current: Mapping[str, Session], course: Course
) -> Iterable[tuple[str, Wanted]]:
    """The sessions with another time or another person than before, that person kept to."""
    for one in sessions:
        role = course.step(one.step).service.continuity
        person = _person(one, role)
        if one.start != current[one.step].start or person != _person(current[one.step], role):
            keep = {role: person} if role and person else {}
            yield one.step, Wanted(write.instant(one.start), keep)


def _person(one: Session, role: str | None) -> str | None:
    return next((taken.unit for taken in one.taken if taken.role == role), None)
