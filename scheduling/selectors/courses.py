"""A care plan as the core sees it: its course, and the sessions it has now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.round_trip import ask
from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.clinic import Booking
from scheduling.core.course import Course, Window
from scheduling.core.expand import expand
from scheduling.core.heal import paced
from scheduling.core.plan import Session, Taken
from scheduling.core.refusals import Refusal
from scheduling.core.states import AppointmentState
from scheduling.core.verify import verify
from scheduling.models import Appointment, CarePlan, ProtocolVersion
from scheduling.selectors import protocols, services

GONE = frozenset(
    {
        AppointmentState.CANCELLED,
        AppointmentState.NOSHOW,
        AppointmentState.NOT_TREATED,
        AppointmentState.EXPIRED,
        AppointmentState.RELEASED,
    }
)
"""The step did not take place and is to be done again: another appointment may stand for it."""

Services = Mapping[str, ServiceDefinition]

# As numbers: reading rows of the model costs several times what the question does.
TAKEN = """
SELECT appointment_id, role, resource_id::text,
       floor(extract(epoch FROM lower(during)))::bigint,
       floor(extract(epoch FROM upper(during)))::bigint, count(*)
FROM scheduling_reservation
WHERE appointment_id = ANY(%(appointments)s::uuid[])
GROUP BY 1, 2, 3, 4, 5
"""


def course_from(
    version: ProtocolVersion,
    *,
    blocks: Collection[str] = (),
    modes: Mapping[str, str] | None = None,
    cleared: bool = False,
    known: Services | None = None,
) -> Course:
    """The course that a protocol version and a choice give. One query, or none with `known`.

    Raises Refused naming every unknown block or mode.
    """
    return expand(
        protocols.definition_of(version),
        services.definitions() if known is None else known,
        blocks=blocks,
        modes=modes,
        cleared=cleared,
    )


def course_of(
    care_plan: CarePlan,
    known: Services | None = None,
    more: Mapping[str, int] | None = None,
    pace: Mapping[str, Sequence[int]] | None = None,
) -> Course:
    """The course of a plan that has been booked, with the steps its prescriber added and the rhythm
    they chose; `more` says how many of a step come on top of these, `pace` which rhythm instead.

    Whether it began without an evaluation, and which of its sessions are given another way than
    the rest (by video, say), shows in its sessions. Two queries, or one with `known`; none for
    sessions that are prefetched.
    """
    known = services.definitions() if known is None else known
    definition = protocols.definition_of(care_plan.protocol_version)
    rows = list(care_plan.appointments.all())
    booked = {appointment.step for appointment in rows}
    skippable = {
        step
        for template in definition.core
        if template.skip_if_cleared
        for step in template.occurrences()
    }
    added = Counter(step.rpartition(".")[0] for step in booked)
    added.update(more or {})
    course = expand(
        definition,
        known,
        blocks=care_plan.blocks,
        modes=care_plan.modes,
        cleared=bool(booked) and booked.isdisjoint(skippable),
        added={
            template.id: added[template.id]
            for template in definition.added_by_prescriber
            if added[template.id]
        },
    )
    rhythm = {**care_plan.pace, **(pace or {})}
    course = paced(course, {step: Window(*days) for step, days in rhythm.items()})
    return _as_given(course, rows, known)


def _as_given(course: Course, rows: Iterable[Appointment], known: Services) -> Course:
    """The course with the mode of each session that stands where it is another than the plan's."""
    modes = {row.step: row.mode for row in rows if stands(row)}
    if all(modes.get(step.id, step.service.mode) == step.service.mode for step in course.steps):
        return course
    return replace(
        course,
        steps=tuple(
            replace(step, service=services.core_service(step.service.slug, mode, known=known))
            if (mode := modes.get(step.id, step.service.mode)) != step.service.mode
            and mode in known[step.service.slug].modes
            else step
            for step in course.steps
        ),
    )


def sessions_of(care_plan: CarePlan) -> dict[str, Session]:
    """Where each step of the plan stands now, past sessions included, with the units bound.

    Steps whose appointment was given up are not there. Two queries; none where appointments and
    their reservations are prefetched.
    """
    rows = care_plan.appointments.all()
    if "appointments" not in getattr(care_plan, "_prefetched_objects_cache", {}):
        rows = rows.prefetch_related("reservations")
    return {row.step: session_of(row) for row in rows if row.status not in GONE and row.counts}


def standing(care_plan: CarePlan) -> QuerySet[Appointment]:
    """The appointments that stand for their steps: booked, under way or counted as done."""
    return care_plan.appointments.exclude(status__in=GONE).exclude(
        status=AppointmentState.STOPPED, counts=False
    )


def stands(appointment: Appointment) -> bool:
    """Whether an appointment that has been read stands for its step; as `standing` asks for."""
    stopped = appointment.status == AppointmentState.STOPPED
    return appointment.status not in GONE and (appointment.counts or not stopped)


def standing_steps(care_plan: CarePlan) -> set[str]:
    """The steps for which an appointment stands. One query."""
    return set(standing(care_plan).values_list("step", flat=True))


def lost_steps(care_plan: CarePlan) -> dict[str, str]:
    """The steps for which no appointment stands any more, each with the state of its last one.
    Two queries."""
    kept = standing_steps(care_plan)
    rows = care_plan.appointments.exclude(step__in=kept).order_by("created_at", "start")
    return dict(rows.values_list("step", "status"))


def session_of(appointment: Appointment) -> Session:
    """One appointment with the units it has taken. Its reservations should be prefetched."""
    lanes = Counter(
        (
            row.role,
            str(row.resource_id),
            int(row.during.lower.timestamp()),
            int(row.during.upper.timestamp()),
        )
        for row in appointment.reservations.all()
    )
    return Session(
        step=appointment.step,
        start=int(appointment.start.timestamp()),
        end=int(appointment.end.timestamp()),
        taken=tuple(Taken(*taken, lanes=count) for taken, count in sorted(lanes.items())),
    )


def read_sessions(appointments: Collection[Appointment]) -> dict[UUID, Session]:
    """`session_of` many appointments, by key. One query, whatever is prefetched."""
    [rows] = ask([TAKEN], {"appointments": [one.pk for one in appointments]})
    taken: dict[UUID, list[tuple[Any, ...]]] = {one.pk: [] for one in appointments}
    for key, *values in rows:
        taken[key].append(tuple(values))
    return {
        one.pk: Session(
            step=one.step,
            start=int(one.start.timestamp()),
            end=int(one.end.timestamp()),
            taken=tuple(Taken(*values) for values in sorted(taken[one.pk])),
        )
        for one in appointments
    }


def bookings_of(appointments: Iterable[Appointment]) -> list[Booking]:
    """What the appointments take of units, as the core counts it; one for every lane.

    Their reservations should be prefetched.
    """
    return [
        Booking(
            str(row.resource_id),
            int(row.during.lower.timestamp()),
            int(row.during.upper.timestamp()),
        )
        for one in appointments
        for row in one.reservations.all()
    ]


def warnings_of(care_plan: CarePlan, known: Services | None = None) -> tuple[Refusal, ...]:
    """Maxima of windows and gaps that a move has exceeded. Queries as `course_of` does."""
    return verify(
        course_of(care_plan, known),
        sessions_of(care_plan),
        zone=care_plan.site.timezone,
        start=care_plan.earliest,
        partial=True,
        soft_maximum=True,
    ).warnings


def practitioners_of(sessions: Iterable[Session], course: Course) -> dict[str, str]:
    """The unit that stays the same throughout, by continuity role, where one is bound already."""
    roles = {step.service.continuity for step in course.steps}
    return {
        taken.role: taken.unit
        for session in sessions
        for taken in session.taken
        if taken.role in roles
    }
