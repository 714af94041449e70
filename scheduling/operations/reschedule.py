"""Move one session: alone, or with the least change to the rest of its course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from scheduling import snapshots, stored_wishes
from scheduling.core.course import Course, Step
from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.roles import CLINICAL, Role
from scheduling.core.verify import Findings, verify
from scheduling.core.wishes import PatientTime, Wishes
from scheduling.models import Appointment, CarePlanStatus
from scheduling.operations import eligibility, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.alternatives import with_alternatives
from scheduling.operations.binding import Needs, Wanted, bind, session
from scheduling.operations.book import needs_of
from scheduling.operations.change import stale
from scheduling.operations.least_change import MOVABLE, least_change
from scheduling.operations.move import Moved, move, moves_of
from scheduling.operations.recipe import settle
from scheduling.selectors import courses, protocols
from scheduling.selectors.patient_time import patient_time
from scheduling.selectors.services import core_service

OVERRIDABLE = frozenset({Code.GAP, Code.SPACING})


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """What was moved, or would be. `warnings` are maxima exceeded."""

    appointment: Appointment
    moved: list[Moved]
    dry_run: bool
    warnings: tuple[Refusal, ...] = ()


def reschedule(
    *,
    actor: Actor,
    appointment: Appointment,
    start: datetime,
    practitioners: Mapping[str, str] | None = None,
    cascade: str = "none",
    dry_run: bool = False,
    agreed: Mapping[UUID, datetime] | None = None,
    together: Mapping[str, Wanted] | None = None,
    override_reason: str | None = None,
    version: int | None = None,
    now: datetime,
) -> Rescheduled:
    """Move the session to `start`.

    `cascade="none"`: the rest of the course stays. A broken minimum is refused, with what
    `least_change` would do under `alternatives["least_change"]`; an exceeded maximum is a warning
    and a prescriber's task. `cascade="least_change"`: the rest follows, whole or not at all.
    `override_reason`: staff who may, in protocols that allow it, put treatments closer together
    than their spacing asks, never on one day. `dry_run` writes and locks nothing. `agreed`: the new
    start of every session that was shown to move; where others would move now, nothing does.
    `together`: other steps of the course that move to starts of their own in the same breath.

    Raises Refused: STALE, WRONG_STATE, NOT_ALLOWED, OVERRIDE_NOT_ALLOWED, REASON_NEEDED, every
    rule broken, or what is taken with the nearest starts that would do.
    """
    request = _Request(
        actor,
        appointment.pk,
        Wanted(start, dict(practitioners or {})),
        cascade,
        override_reason,
        version,
        now,
        agreed,
        together or {},
    )
    if dry_run:
        bound = request.look(None)
        return Rescheduled(
            request.appointment, moves_of(request.all, bound), True, request.warnings
        )
    return settle(appointment.patient_id, appointment.site_id, request.look, request.write, now)


@dataclass
class _Request:
    """What is asked for, and what the latest look at it found."""

    actor: Actor
    key: UUID
    wanted: Wanted
    cascade: str
    override_reason: str | None
    version: int | None
    now: datetime
    agreed: Mapping[UUID, datetime] | None = None
    together: Mapping[str, Wanted] = field(default_factory=dict)
    appointment: Appointment = field(init=False)
    all: list[Appointment] = field(init=False)
    course: Course = field(init=False)
    current: dict[str, Session] = field(init=False)
    wishes: Wishes = field(init=False)
    elsewhere: PatientTime = field(init=False)
    snapshot: snapshots.Snapshot = field(init=False)
    planned: dict[str, Wanted] = field(init=False)
    warnings: tuple[Refusal, ...] = ()

    def look(self, only: frozenset[str] | None) -> dict[str, Session]:
        """The sessions that change, bound to what is free now. Raises Refused."""
        self._read()
        if only is None:
            self.planned = {self.appointment.step: self.wanted, **self.together}
            refusals = self._refusals()
            if refusals:
                raise Refused(refusals)
            if self.cascade == "least_change" and self.appointment.care_plan is not None:
                self.planned = self._least_change()
        placed = {
            step: session(step, self.course.step(step).service, want.second)
            for step, want in self.planned.items()
        }
        self._require_rules(placed)
        changing = [one for one in self.all if one.step in placed]
        availability = self.snapshot.availability.without(courses.bookings_of(changing))
        kept = [one for step, one in self.current.items() if step not in placed]
        persons = courses.practitioners_of(kept, self.course)
        wanted = {
            step: Wanted(want.start, {**self._continuing(step, persons), **want.practitioners})
            for step, want in self.planned.items()
        }
        before = {taken.role: taken.unit for taken in self.current[self.appointment.step].taken}
        needs = self._needs()
        try:
            return bind(availability, self.course, wanted, needs=needs, only=only, prefer=before)
        except Refused as refused:
            if only is not None:
                raise
            raise with_alternatives(
                refused,
                availability,
                self.course,
                {**self.current, **placed},
                self.wishes.earliest,
                self.elsewhere,
                needs,
            ) from refused

    def write(self, bound: Mapping[str, Session], capacity: Mapping[UUID, int]) -> Rescheduled:
        """Move what changes; the locks are held."""
        changing = [one for one in self.all if one.step in bound]
        moves = moves_of(changing, bound)
        if self.agreed is not None and {one.id: one.after for one in moves} != self.agreed:
            raise stale(self.appointment)
        move(
            changing,
            bound,
            capacity,
            actor=self.actor,
            overridden=self.appointment if self.override_reason else None,
            reason=self.override_reason or "",
            facts={"cascade": self.cascade, "cause": str(self.key)} if len(moves) > 1 else {},
            now=self.now,
        )
        if self.warnings and self.appointment.care_plan is not None:
            staff_tasks.open_task(
                "gap_exceeded",
                Role.PRESCRIBER,
                site=self.appointment.site,
                appointment=self.appointment,
                facts={"warnings": [dict(one.facts) for one in self.warnings]},
                now=self.now,
            )
        return Rescheduled(self.appointment, moves, False, self.warnings)

    def _read(self) -> None:
        rows = Appointment.objects.select_related(
            "patient", "site", "service", "care_plan__protocol_version", "care_plan__site"
        )
        seen = rows.prefetch_related("reservations").get(pk=self.key)
        if self.version not in (None, seen.version):
            raise stale(seen)
        self.snapshot = snapshots.current(seen.site, self.now)
        plan = seen.care_plan
        if plan is None:
            kind = core_service(seen.service_id, seen.mode, known=self.snapshot.services)
            self.course = Course((Step(seen.step, kind),), (), spacing_days=seen.spacing_days or 1)
            self.all = [seen]
            earliest = self.snapshot.grid.first
        else:
            self.course = courses.course_of(plan, self.snapshot.services)
            others = courses.standing(plan).select_related("site", "patient")
            self.all = list(others.prefetch_related("reservations"))
            earliest = plan.earliest
        self.appointment = next((one for one in self.all if one.pk == seen.pk), seen)
        if self.appointment is not seen:
            self.appointment.care_plan = plan
        self.current = {one.step: courses.session_of(one) for one in self.all}
        self.current.setdefault(seen.step, courses.session_of(seen))
        self.elsewhere = patient_time(
            seen.patient, self.now, apart_from=[one.pk for one in self.all]
        )
        needs = self._needs()
        self.wishes = Wishes(earliest=earliest, languages=needs.languages, access=needs.access)

    def _refusals(self) -> list[Refusal]:
        seen, plan = self.appointment, self.appointment.care_plan
        definition = self.snapshot.services[seen.service_id]
        refusals = [
            *eligibility.patient_refusals(self.actor, seen.patient, "reschedule"),
            *eligibility.start_refusals(
                [(seen.step, self.wanted.start), *self._starts_together()],
                self.snapshot.grid,
                self.now,
                staff=self.actor.staff,
                lead=timedelta(hours=definition.lead_hours),
            ),
        ]
        held = CarePlanStatus.HELD
        if seen.status not in MOVABLE or (plan is not None and plan.status == held):
            state = plan.status if plan is not None and plan.status == held else seen.status
            refusals.append(refuse(Code.WRONG_STATE, state=state, action="reschedule"))
        movable = {one.step for one in self.all if one.status in MOVABLE}
        for step in self.together.keys() - movable:
            refusals.append(refuse(Code.WRONG_STATE, state="over", action=f"reschedule {step}"))
        if self.override_reason is not None:
            refusals += self._override_refusals()
        return refusals

    def _starts_together(self) -> list[tuple[str, datetime]]:
        return [(step, want.start) for step, want in self.together.items()]

    def _override_refusals(self) -> list[Refusal]:
        plan = self.appointment.care_plan
        allowed = plan is None or protocols.definition_of(plan.protocol_version).spacing_override
        refusals = []
        if self.actor.roles.isdisjoint(CLINICAL) or not allowed:
            refusals.append(refuse(Code.OVERRIDE_NOT_ALLOWED, rule="spacing"))
        if not (self.override_reason or "").strip():
            refusals.append(refuse(Code.REASON_NEEDED, action="override spacing"))
        return refusals

    def _require_rules(self, placed: Mapping[str, Session]) -> None:
        """Raises Refused with the rules that these moves break; keeps the warnings."""
        before = self._verify(self.current)
        after = self._verify({**self.current, **placed})
        broken = [one for one in after.broken if one not in before.broken]
        self.warnings = tuple(one for one in after.warnings if one not in before.warnings)
        if self.actor.staff and self.wanted.practitioners:
            broken = [one for one in broken if one.code != Code.CONTINUITY]
        if self.override_reason:
            broken = [one for one in broken if not self._overridable(one)]
        if broken:
            raise Refused(broken, alternatives=self._instead())

    def _verify(self, sessions: Mapping[str, Session]) -> Findings:
        return verify(
            self.course,
            sessions,
            zone=self.snapshot.grid.zone,
            start=self.wishes.earliest,
            patient=self.elsewhere,
            partial=True,
            soft_maximum=True,
        )

    def _overridable(self, refusal: Refusal) -> bool:
        """Only the distance between treatments, and never two on one day."""
        treatments = {step.id for step in self.course.steps if step.service.treatment}
        between = {refusal.facts.get("step"), refusal.facts.get("anchor")} - {None}
        return (
            refusal.code in OVERRIDABLE and between <= treatments and int(refusal.facts["days"]) > 0
        )

    def _instead(self) -> dict[str, list[Moved]]:
        if self.cascade == "least_change" or self.appointment.care_plan is None:
            return {}
        try:
            plan = self._least_change()
        except Refused:
            return {}
        bound = {
            step: session(step, self.course.step(step).service, want.second)
            for step, want in plan.items()
        }
        return {"least_change": moves_of(self.all, bound)}

    def _least_change(self) -> dict[str, Wanted]:
        """The steps that change when the rest follows, with their new starts and persons."""
        plan = self.appointment.care_plan
        # Within the days and hours the patient once asked for, where that can be.
        usual = stored_wishes.from_json(plan.wishes, plan.earliest) if plan else self.wishes
        return least_change(
            self.snapshot.availability,
            self.course,
            self.all,
            self.current,
            moved=self.appointment.step,
            wanted=self.wanted,
            wishes=(replace(usual, latest=None, fixed={}), self.wishes),
            elsewhere=self.elsewhere,
            now=self.now,
        )

    def _continuing(self, step: str, persons: Mapping[str, str]) -> dict[str, str]:
        role = self.course.step(step).service.continuity
        return {role: persons[role]} if role is not None and role in persons else {}

    def _needs(self) -> Needs:
        plan = self.appointment.care_plan
        return Needs.read(plan.wishes) if plan is not None else needs_of(self.appointment.patient)
