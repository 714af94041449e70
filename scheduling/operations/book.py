"""Book one session outside a course."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import Patient
from scheduling import snapshots
from scheduling.core.course import Course, Step
from scheduling.core.plan import Session
from scheduling.core.refusals import Refused
from scheduling.core.verify import verify
from scheduling.core.walltime import local_date
from scheduling.models import Appointment, AppointmentStatus, Service, Site
from scheduling.operations import eligibility, events, write
from scheduling.operations.actor import Actor
from scheduling.operations.alternatives import with_alternatives
from scheduling.operations.binding import Needs, Wanted, bind, session
from scheduling.operations.known import know
from scheduling.operations.opening_gates import open_gates
from scheduling.operations.recipe import clear_the_way, settle
from scheduling.selectors.patient_time import patient_time
from scheduling.selectors.services import core_service

ALONE = ""
"""The step of a session that belongs to no course."""
SPACING_DAYS = 2
"""What a treatment outside any protocol asks for; the clinic's own default, as every protocol's."""


def book_session(
    *,
    actor: Actor,
    patient: Patient,
    service: Service,
    site: Site,
    start: datetime,
    practitioners: Mapping[str, str] | None = None,
    mode: str = "in_person",
    now: datetime,
    hold_minutes: int | None = None,
) -> Appointment:
    """Book a session at `start`, or only hold it for `hold_minutes`.

    Treatment alone is for staff, and keeps its distance to the patient's other treatments all the
    same. Raises Refused with every reason; where the time is taken, with the nearest free starts.
    """
    wanted = {ALONE: Wanted(start, dict(practitioners or {}))}
    course: Course
    snapshot: snapshots.Snapshot

    def look(only: frozenset[str] | None) -> dict[str, Session]:
        nonlocal course, snapshot
        snapshot = snapshots.current(site, now)
        kind = core_service(service.slug, mode, known=snapshot.services)
        definition = snapshot.services[service.slug]
        course = Course((Step(ALONE, kind),), (), spacing_days=SPACING_DAYS)
        placed = {ALONE: session(ALONE, kind, wanted[ALONE].second)}
        elsewhere = patient_time(patient, now)
        refusals = [
            *eligibility.patient_refusals(actor, patient, "book"),
            *eligibility.single_refusals(actor, patient, definition),
            *eligibility.age_refusals(patient, [definition], local_date(now, site.timezone)),
            *eligibility.start_refusals(
                [(ALONE, start)],
                snapshot.grid,
                now,
                staff=actor.staff,
                lead=timedelta(hours=definition.lead_hours),
            ),
            *verify(course, placed, zone=site.timezone, patient=elsewhere).broken,
        ]
        if refusals:
            raise Refused(refusals)
        needs = needs_of(patient)
        try:
            return bind(
                snapshot.availability, course, wanted, needs=needs, only=only, turn=patient.pk.int
            )
        except Refused as refused:
            if only is not None:
                raise
            today = local_date(now, site.timezone)
            raise with_alternatives(
                refused, snapshot.availability, course, placed, today, elsewhere, needs
            ) from refused

    def write_down(bound: Mapping[str, Session], capacity: Mapping[UUID, int]) -> Appointment:
        [step] = course.steps
        held = hold_minutes is not None
        appointment = Appointment(
            patient=patient,
            service=service,
            site=site,
            mode=mode,
            treatment=step.service.treatment,
            spacing_days=SPACING_DAYS if step.service.treatment else 0,
            status=AppointmentStatus.HELD if held else AppointmentStatus.BOOKED,
            start=write.instant(bound[ALONE].start),
            end=write.instant(bound[ALONE].end),
            phases=write.phases_of(step.service),
            expires_at=now + timedelta(minutes=hold_minutes) if hold_minutes is not None else None,
            created_by=actor.user,
        )
        booked = events.entry(
            actor=actor,
            verb=appointment.status,
            appointment=appointment,
            status_after=appointment.status,
            facts={"start": appointment.start.isoformat()},
            now=now,
        )
        reservations = write.book(
            [appointment],
            bound,
            clear=lambda lanes: clear_the_way(patient.pk, lanes, now),
            capacity=capacity,
            history=[booked],
        )
        gates = [] if held else open_gates([appointment], snapshot.services, now=now)
        for one in reservations:
            one.resource = snapshot.resources[one.resource_id]
        reservations.sort(key=lambda one: (one.role, one.lane))
        know(appointment, "reservations", reservations)
        know(appointment, "gates", gates)
        return appointment

    return settle(patient.pk, site.pk, look, write_down, now)


def needs_of(patient: Patient) -> Needs:
    """What the patient's own record asks of people and places."""
    return Needs(frozenset(patient.languages), frozenset(patient.access_needs))
