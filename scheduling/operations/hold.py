"""Hold a course: every session, or none, for a quarter of an hour."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.models import Patient
from scheduling import snapshots
from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.course import Course
from scheduling.core.grid import DayGrid
from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.verify import verify
from scheduling.core.walltime import local_date
from scheduling.models import (
    CarePlan,
    CarePlanStatus,
    Clearance,
    ProtocolVersion,
    Site,
)
from scheduling.operations import eligibility, events, expire, write
from scheduling.operations.actor import Actor
from scheduling.operations.alternatives import with_alternatives
from scheduling.operations.binding import Needs, Wanted, bind, session
from scheduling.operations.recipe import clear_the_way, settle
from scheduling.selectors import courses, protocols
from scheduling.selectors.clearance import cleared_for
from scheduling.selectors.patient_time import patient_time

__all__ = ["HOLD_MINUTES", "Wanted", "hold_course"]

HOLD_MINUTES = 15


def hold_course(
    *,
    actor: Actor,
    patient: Patient,
    protocol_version: ProtocolVersion,
    site: Site,
    sessions: Mapping[str, Wanted],
    blocks: Collection[str] = (),
    modes: Mapping[str, str] | None = None,
    wishes_json: Mapping[str, Any] | None = None,
    reason: str = "",
    now: datetime,
    minutes: int = HOLD_MINUTES,
) -> CarePlan:
    """Reserve every session of the course for `minutes`, as one care plan in state `held`.

    `sessions` maps every step of the course to its start; practitioners named there are kept to,
    everybody else is chosen. `wishes_json` is kept with the plan, and its `languages`, `access`
    and `earliest` bind. `reason` is asked for by some protocols. A patient has one hold at a time:
    an older one is given back. A patient whom a prescriber has cleared for this protocol already
    may leave the evaluation out.

    Raises Refused with every reason; where times are taken, with free starts for those steps.
    """
    request = _Request(
        actor, patient, protocol_version, site, sessions, tuple(blocks), dict(modes or {}),
        dict(wishes_json or {}), reason, now,
    )  # fmt: skip
    expires_at = now + timedelta(minutes=minutes)
    return settle(
        patient.pk,
        site.pk,
        request.look,
        lambda bound, capacity: request.write(bound, capacity, expires_at),
        now,
    )


@dataclass
class _Request:
    """The request, and what the latest look at it found."""

    actor: Actor
    patient: Patient
    version: ProtocolVersion
    site: Site
    sessions: Mapping[str, Wanted]
    blocks: tuple[str, ...]
    modes: dict[str, str]
    wishes: dict[str, Any]
    reason: str
    now: datetime
    course: Course = field(init=False)
    services: list[ServiceDefinition] = field(init=False)
    clearing: CarePlan | None = field(init=False)
    replaced: list[UUID] = field(init=False)

    def look(self, only: frozenset[str] | None) -> dict[str, Session]:
        """The sessions bound to what is free now. Raises Refused."""
        snapshot = snapshots.current(self.site, self.now)
        if only is None:
            self._choose_course(snapshot)
        holds = live_holds(self.patient, self.now)
        self.replaced = [hold.pk for hold in holds]
        given_back = [one for hold in holds for one in hold.appointments.all()]
        availability = snapshot.availability.without(courses.bookings_of(given_back))
        elsewhere = patient_time(self.patient, self.now, apart_from=[one.pk for one in given_back])
        services = {step.id: step.service for step in self.course.steps}
        placed = {
            step: session(step, services[step], want.second)
            for step, want in self.sessions.items()
            if step in services
        }
        refusals = [
            *(self._who_may(snapshot.grid) if only is None else ()),
            *(refuse(Code.STEP_UNKNOWN, step=step) for step in self.sessions if step not in placed),
            *verify(
                self.course,
                placed,
                zone=self.site.timezone,
                start=self.earliest,
                patient=elsewhere,
            ).broken,
        ]
        if refusals:
            raise Refused(refusals)
        try:
            return bind(availability, self.course, self.sessions, needs=self.needs, only=only)
        except Refused as refused:
            if only is not None:
                raise
            raise with_alternatives(
                refused, availability, self.course, placed, self.earliest, elsewhere, self.needs
            ) from refused

    def write(
        self, bound: Mapping[str, Session], capacity: Mapping[UUID, int], expires_at: datetime
    ) -> CarePlan:
        """Write plan, appointments, what they block and their history; the locks are held."""
        expire.release_plans(self.replaced, actor=self.actor, reason="replaced", now=self.now)
        plan = CarePlan.objects.create(
            patient=self.patient,
            protocol_version=self.version,
            site=self.site,
            status=CarePlanStatus.HELD,
            blocks=list(self.blocks),
            modes=self.modes,
            wishes=self.wishes,
            sessions=len(self.course.steps),
            earliest=self.earliest,
            expires_at=expires_at,
            clearance=self.clearing.clearance if self.clearing else Clearance.PENDING,
            clearance_until=self.clearing.clearance_until if self.clearing else None,
            clearance_condition=self.clearing.clearance_condition if self.clearing else "",
            created_by=self.actor.user,
        )
        appointments = write.new_appointments(plan, self.course, bound, self.actor)
        history = [
            events.entry(
                actor=self.actor,
                verb="held",
                appointment=one,
                status_after=one.status,
                reason=self.reason,
                facts={"start": one.start.isoformat()},
                now=self.now,
            )
            for one in appointments
        ]
        write.book(
            appointments,
            bound,
            clear=lambda lanes: clear_the_way(self.patient.pk, lanes, self.now),
            capacity=capacity,
            history=history,
        )
        return plan

    @property
    def earliest(self) -> date:
        """The day from which the course counts: as wished, or its first session's."""
        if "earliest" in self.wishes:
            return date.fromisoformat(self.wishes["earliest"])
        first = min((want.start for want in self.sessions.values()), default=self.now)
        return local_date(first, self.site.timezone)

    @property
    def needs(self) -> Needs:
        return Needs.read(self.wishes)

    def _choose_course(self, snapshot: snapshots.Snapshot) -> None:
        definition = protocols.definition_of(self.version)
        today = local_date(self.now, self.site.timezone)
        self.clearing = cleared_for(self.patient.pk, definition.slug, today)
        skippable = {
            step
            for template in definition.core
            if template.skip_if_cleared
            for step in template.occurrences()
        }
        self.course = courses.course_from(
            self.version,
            blocks=self.blocks,
            modes=self.modes,
            cleared=self.clearing is not None and skippable.isdisjoint(self.sessions),
            known=snapshot.services,
        )
        self.services = [snapshot.services[step.service.slug] for step in self.course.steps]

    def _who_may(self, grid: DayGrid) -> list[Refusal]:
        """What no other booking can change meanwhile; confirming looks at it again."""
        today = local_date(self.now, self.site.timezone)
        return [
            *eligibility.patient_refusals(self.actor, self.patient, "hold"),
            *eligibility.age_refusals(self.patient, self.services, today),
            *eligibility.protocol_refusals(
                self.actor,
                self.patient,
                protocols.definition_of(self.version),
                reason=self.reason,
                treats=any(service.treatment for service in self.services),
            ),
            *eligibility.start_refusals(
                [(step, want.start) for step, want in self.sessions.items()],
                grid,
                self.now,
                staff=self.actor.staff,
            ),
        ]


def live_holds(patient: Patient, now: datetime) -> list[CarePlan]:
    """The patient's courses that are held and have not expired. One query, three with holds."""
    held = CarePlan.objects.filter(patient=patient, status=CarePlanStatus.HELD, expires_at__gt=now)
    return list(held.prefetch_related("appointments__reservations"))
