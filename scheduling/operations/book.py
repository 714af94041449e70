"""Book one session outside a course."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import Patient
from scheduling import snapshots
from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.course import Course, Step
from scheduling.core.plan import Session
from scheduling.core.refusals import Refusal, Refused
from scheduling.core.service import Service as CoreService
from scheduling.core.verify import verify
from scheduling.core.walltime import local_date
from scheduling.core.wishes import PatientTime
from scheduling.locks import lock_booking
from scheduling.models import Appointment, AppointmentStatus, Gate, Reservation, Service, Site
from scheduling.operations import atomic, eligibility, events, lanes, write
from scheduling.operations.actor import Actor
from scheduling.operations.alternatives import with_alternatives
from scheduling.operations.atomic import OvertakenError
from scheduling.operations.binding import Needs, Wanted, bind, session
from scheduling.operations.known import know
from scheduling.operations.opening_gates import gates_of
from scheduling.operations.recipe import end_expired
from scheduling.selectors.patient_time import TAKEN, read_taken, taken_values
from scheduling.selectors.services import core_service
from scheduling.snapshots.changes import CLINIC_SINCE

ALONE = ""
"""The step of a session that belongs to no course."""
SPACING_DAYS = 2
"""What a treatment outside any protocol asks for; the clinic's own default, as every protocol's."""

Again = Callable[[Appointment, list[Gate]], None]
"""What else is written, under the locks, for a session that is booked again: it sees the session
and its gates before they are written. Raises Refused."""


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
    again: Again | None = None,
) -> Appointment:
    """Book a session at `start`, or only hold it for `hold_minutes`. `again`: it stood before, so
    who may book it and how long ahead was asked then.

    Treatment alone is for staff, and keeps its distance to the patient's other treatments all the
    same. Raises Refused with every reason; where the time is taken, with the nearest free starts.
    """
    request = _Request(
        *(actor, patient, service, site, start, dict(practitioners or {}), mode, now),
        *(hold_minutes, again),
    )
    return atomic.run(request.book)


@dataclass(frozen=True)
class _Found:
    """What one look found: the units that are free, as far as was known then."""

    snapshot: snapshots.Snapshot
    elsewhere: PatientTime
    session: Session
    kind: CoreService


@dataclass(frozen=True)
class _Request:
    actor: Actor
    patient: Patient
    service: Service
    site: Site
    start: datetime
    practitioners: Mapping[str, str]
    mode: str
    now: datetime
    hold_minutes: int | None
    again: Again | None

    def book(self) -> Appointment:
        """Look without locks, lock, make sure that nothing has changed, and write. All that is read
        under the locks comes with them, in one round trip. Raises Refused, OvertakenError."""
        found = self.look()
        appointment = self.appointment(found)
        taken = write.wanted([appointment], {ALONE: found.session})
        capacity, [clinic, time, around, expired] = lock_booking(
            self.site.pk,
            self.patient.pk,
            [one.resource_id for one in taken],
            then=[CLINIC_SINCE, TAKEN, lanes.AROUND, lanes.OWN_EXPIRED],
            horizon=found.snapshot.horizon,
            **taken_values(self.patient, self.now),
            **lanes.around_values(taken),
        )
        clinic_changed = any(change not in found.snapshot.seen for (change,) in clinic)
        if clinic_changed or read_taken(time) != found.elsewhere:
            raise OvertakenError
        standing = end_expired(*lanes.read_standing(around, expired), self.now)
        try:
            reservations = lanes.place(taken, standing, capacity)
        except Refused as refused:
            raise OvertakenError from refused
        self.write(appointment, reservations, found.snapshot)
        return appointment

    def look(self) -> _Found:
        """Bind the session to what is free now. Raises Refused."""
        now, site, patient = self.now, self.site, self.patient
        snapshot, [taken] = snapshots.look(site, now, [TAKEN], taken_values(patient, now))
        kind = core_service(self.service.slug, self.mode, known=snapshot.services)
        definition = snapshot.services[self.service.slug]
        course = Course((Step(ALONE, kind),), (), spacing_days=SPACING_DAYS)
        wanted = Wanted(self.start, self.practitioners)
        placed = {ALONE: session(ALONE, kind, wanted.second)}
        elsewhere = read_taken(taken)
        today = local_date(now, site.timezone)
        refusals = [
            *eligibility.patient_refusals(self.actor, patient, "book"),
            *([] if self.again else self._may_book(definition, today)),
            *eligibility.start_refusals(
                [(ALONE, self.start)],
                snapshot.grid,
                now,
                staff=self.actor.staff,
                lead=timedelta(hours=0 if self.again else definition.lead_hours),
            ),
            *verify(course, placed, zone=site.timezone, patient=elsewhere).broken,
        ]
        if refusals:
            raise Refused(refusals)
        needs = needs_of(patient)
        try:
            bound = bind(
                snapshot.availability, course, {ALONE: wanted}, needs=needs, turn=patient.pk.int
            )
        except Refused as refused:
            raise with_alternatives(
                refused, snapshot.availability, course, placed, today, elsewhere, needs
            ) from refused
        return _Found(snapshot, elsewhere, bound[ALONE], kind)

    def _may_book(self, definition: ServiceDefinition, today: date) -> list[Refusal]:
        return [
            *eligibility.single_refusals(self.actor, self.patient, definition),
            *eligibility.age_refusals(self.patient, [definition], today),
        ]

    def appointment(self, found: _Found) -> Appointment:
        """The appointment, unsaved."""
        treatment, held = found.kind.treatment, self.hold_minutes is not None
        return Appointment(
            patient=self.patient,
            service=self.service,
            site=self.site,
            mode=self.mode,
            treatment=treatment,
            spacing_days=SPACING_DAYS if treatment else 0,
            status=AppointmentStatus.HELD if held else AppointmentStatus.BOOKED,
            start=write.instant(found.session.start),
            end=write.instant(found.session.end),
            phases=write.phases_of(found.kind),
            expires_at=self.now + timedelta(minutes=self.hold_minutes or 0) if held else None,
            created_by=self.actor.user,
        )

    def write(
        self,
        appointment: Appointment,
        reservations: list[Reservation],
        snapshot: snapshots.Snapshot,
    ) -> None:
        """Write the appointment with its history, its gates and what it blocks."""
        booked = events.entry(
            actor=self.actor,
            verb=appointment.status,
            appointment=appointment,
            status_after=appointment.status,
            facts={
                "start": appointment.start.isoformat(),
                **({"again": True} if self.again else {}),
            },
            now=self.now,
        )
        held = self.hold_minutes is not None
        gates = [] if held else gates_of([appointment], snapshot.services, now=self.now)
        if self.again is not None:
            self.again(appointment, gates)
        write.block(
            [appointment],
            reservations,
            new=[appointment],
            history=[booked],
            gates=gates,
            put=atomic.insert_last,
        )
        for one in reservations:
            one.resource = snapshot.resources[one.resource_id]
        reservations.sort(key=lambda one: (one.role, one.lane))
        know(appointment, "reservations", reservations)
        know(appointment, "gates", gates)


def needs_of(patient: Patient) -> Needs:
    """What the patient's own record asks of people and places."""
    return Needs(frozenset(patient.languages), frozenset(patient.access_needs))
