"""Re-plan the rest of one course after a change, with the least change; the patient agrees first.

Nothing is booked that nobody agreed to: `propose` writes nothing, and `agree` books exactly the
starts that were shown, all of them or none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from scheduling import snapshots, stored_wishes
from scheduling.core.course import Course
from scheduling.core.heal import best_times, heal
from scheduling.core.plan import Session
from scheduling.core.reasons import Cancelled
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.verify import Findings, verify
from scheduling.core.wishes import PatientTime, Wishes
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    CarePlan,
    CarePlanStatus,
    ChangeKind,
    ChangeStatus,
    CourseChange,
    Event,
)
from scheduling.operations import eligibility, events, staff_tasks, write
from scheduling.operations.actor import Actor
from scheduling.operations.binding import Needs, Wanted, bind, session
from scheduling.operations.change import change as change_plan
from scheduling.operations.change import look_at_plan
from scheduling.operations.least_change import MOVABLE
from scheduling.operations.move import move
from scheduling.operations.opening_gates import date_course_gates, open_gates
from scheduling.operations.rebook import PATIENTS_OWN, at_any_hour, settle_tasks
from scheduling.operations.recipe import clear_the_way, settle
from scheduling.operations.resume import REBOOK
from scheduling.operations.transition import STANDS_AFTER
from scheduling.selectors import courses
from scheduling.selectors.patient_time import patient_time

GIVEN_UP = frozenset(
    {Cancelled.PATIENT_REQUEST, Cancelled.UNWELL, Cancelled.NO_RIDE, Cancelled.OTHER}
)
"""Why a patient gave a time up: it is not proposed to them again."""


@dataclass(frozen=True, slots=True)
class Healed:
    """One step that changes. `before` is None where it never had a time; `kind` is `again` for a
    lost session, `moved` for one that stands, `new` for one that a prescriber added."""

    step: str
    kind: str
    before: datetime | None
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Healing:
    """What would change, in the order of the new times; empty where the course is whole."""

    care_plan: CarePlan
    sessions: tuple[Healed, ...]
    change: CourseChange | None = None


def propose(*, actor: Actor, care_plan: CarePlan, now: datetime) -> Healing:
    """The rest of the course with the least change: what was lost gets a time again, an open change
    of the prescriber is followed, and what stands moves only where it cannot be helped.

    A no-show counts once it stands; what the clinic has to speak about first is left to staff.
    Writes and locks nothing. Raises Refused: NOT_ALLOWED, WRONG_STATE unless the course is active,
    or why no plan exists.
    """
    request = _Request(actor, care_plan.pk, now)
    request.read()
    return Healing(request.plan, request.propose(), request.open)


def agree(
    *,
    actor: Actor,
    care_plan: CarePlan,
    agreed: Mapping[str, datetime],
    version: int | None,
    now: datetime,
) -> Healing:
    """Book what was shown: `agreed` gives each step that changes its start. All of it or nothing.

    Raises Refused: STALE, NOT_ALLOWED, WRONG_STATE, UNKNOWN for a step that neither was lost nor
    may move, STEP_MISSING where a change of the prescriber is followed only in part, every rule
    broken, TAKEN.
    """
    request = _Request(actor, care_plan.pk, now, dict(agreed), version)
    return settle(care_plan.patient_id, care_plan.site_id, request.look, request.write, now)


@dataclass
class _Request:
    """One course and what the latest look at it found."""

    actor: Actor
    key: UUID
    now: datetime
    agreed: dict[str, datetime] = field(default_factory=dict)
    version: int | None = None
    plan: CarePlan = field(init=False)
    open: CourseChange | None = field(init=False)
    snapshot: snapshots.Snapshot = field(init=False)
    course: Course = field(init=False)
    rows: list[Appointment] = field(init=False)
    standing: dict[str, Session] = field(init=False)
    lost: dict[str, Appointment] = field(init=False)
    added: list[str] = field(init=False)
    elsewhere: PatientTime = field(init=False)

    def read(self) -> None:
        """Raises Refused where this person may not, or the course is not active."""
        rows = CarePlan.objects.select_related("patient", "site", "protocol_version")
        plan = self.plan = rows.get(pk=self.key)
        refusals = list(eligibility.patient_refusals(self.actor, plan.patient, "heal"))
        if self.version not in (None, plan.version):
            refusals.append(refuse(Code.STALE, version=plan.version))
        if plan.status != CarePlanStatus.ACTIVE:
            refusals.append(refuse(Code.WRONG_STATE, state=plan.status, action="heal"))
        if refusals:
            raise Refused(refusals)
        self.snapshot = snapshots.current(plan.site, self.now)
        changes = plan.changes.filter(status=ChangeStatus.PROPOSED)
        self.open = changes.exclude(kind=ChangeKind.SWITCH).first()  # which is `switch_course`
        every = plan.appointments.select_related("site", "patient").prefetch_related("reservations")
        known = list(every.order_by("created_at", "start"))
        self.rows = [one for one in known if courses.stands(one)]
        self.standing = {one.step: courses.session_of(one) for one in self.rows}
        self.lost = self._lost(known)
        more, pace = _asked(self.open)
        whole = courses.course_of(plan, self.snapshot.services, more, pace)
        before = {one.step for one in known}
        self.added = [step.id for step in whole.steps if step.id not in before]
        self.added = [step for step in self.added if step.rpartition(".")[0] in more]
        self.course = whole.only({*self.standing, *self.lost, *self.added})
        self.elsewhere = patient_time(
            plan.patient, self.now, apart_from=[one.pk for one in self.rows]
        )

    def propose(self) -> tuple[Healed, ...]:
        """Raises Refused with the search's reasons, or NO_PLAN."""
        zone = self.snapshot.grid.zone
        wanted = {step: _had(one) for step, one in self.lost.items()}
        wanted |= best_times(self.course, {**self.standing, **wanted}, self.added, zone)
        if not wanted and not (self.open and self.open.kind == ChangeKind.PACE):
            return ()
        frozen = frozenset(one.step for one in self.rows if one.step not in self._movable())
        moving = [one for one in self.rows if one.step not in frozen]
        past = (self.snapshot.grid.midnights[0], int(self.now.timestamp()))
        given_up = [wanted[step] for step, one in self.lost.items() if one.reason in GIVEN_UP]
        unwanted = [(one.start, one.end) for one in given_up]
        answer = heal(
            self.snapshot.availability.without(courses.bookings_of(moving)),
            self.course,
            self.standing,
            wanted,
            frozen=frozen,
            wishes=self._wishes(),
            patient=replace(self.elsewhere, busy=(*self.elsewhere.busy, past, *unwanted)),
        )
        if not answer.proposals:
            steps = sorted({*wanted} or {*self.standing})
            raise Refused(answer.refusals or [refuse(Code.NO_PLAN, steps=steps)])
        return self._healed({one.step: one.start for one in answer.proposals[0].sessions})

    def look(self, only: frozenset[str] | None) -> dict[str, Session]:
        """What was agreed to, bound to what is free now. Raises Refused."""
        self.read()
        if only is None:
            refusals = self._refusals()
            if refusals:
                raise Refused(refusals)
        placed = {
            step: session(step, self.course.step(step).service, int(start.timestamp()))
            for step, start in self.agreed.items()
        }
        before, after = self._verify(self.standing), self._verify({**self.standing, **placed})
        broken = [one for one in after.broken if one not in before.broken]
        if broken:
            raise Refused(broken)
        changing = [one for one in self.rows if one.step in placed]
        persons = courses.practitioners_of(self.standing.values(), self.course)
        wanted = {
            step: Wanted(start, self._continuing(step, persons))
            for step, start in self.agreed.items()
        }
        return bind(
            self.snapshot.availability.without(courses.bookings_of(changing)),
            self.course,
            wanted,
            needs=Needs.read(self.plan.wishes),
            only=only,
        )

    def write(self, bound: Mapping[str, Session], capacity: Mapping[UUID, int]) -> Healing:
        """Move what moves and book what is new; the locks are held."""
        plan = look_at_plan(self.plan, self.version)
        healed = self._healed({step: one.start for step, one in bound.items()})
        changing = [one for one in self.rows if one.step in bound]
        for one in changing:
            one.care_plan = plan
        facts = {"healed": True}
        if changing:
            of_those = {one.step: bound[one.step] for one in changing}
            move(changing, of_those, capacity, actor=self.actor, facts=facts, now=self.now)
        booked = self._book(plan, bound, {one.step for one in changing}, capacity, facts)
        if self.open is not None:
            self._settle_change(plan, len(booked))
        settle_tasks(booked, actor=self.actor, now=self.now)
        if not courses.lost_steps(plan):
            staff_tasks.settle(
                [REBOOK], actor=self.actor, outcome="rebooked", care_plan=plan, now=self.now
            )
        events.append(
            actor=self.actor,
            verb="course_healed",
            care_plan=plan,
            facts={
                "change": str(self.open.pk) if self.open else None,
                "sessions": [
                    {"step": one.step, "kind": one.kind, "to": one.start.isoformat()}
                    for one in healed
                ],
            },
            now=self.now,
        )
        return Healing(plan, healed, self.open)

    def _book(
        self,
        plan: CarePlan,
        bound: Mapping[str, Session],
        moved: set[str],
        capacity: Mapping[UUID, int],
        facts: Mapping[str, Any],
    ) -> list[Appointment]:
        fresh = {step: one for step, one in bound.items() if step not in moved}
        booked = AppointmentStatus.BOOKED
        made = write.new_appointments(plan, self.course, fresh, self.actor, status=booked)
        if not made:
            return []
        history = [
            events.entry(
                actor=self.actor,
                verb="booked",
                appointment=one,
                status_after=booked,
                facts={"start": one.start.isoformat(), **facts},
                now=self.now,
            )
            for one in made
        ]
        write.book(
            made,
            fresh,
            clear=lambda lanes: clear_the_way(plan.patient_id, lanes, self.now),
            capacity=capacity,
            history=history,
        )
        open_gates(made, self.snapshot.services, course=self.course, care_plan=plan, now=self.now)
        date_course_gates(plan, self.snapshot.services)
        return made

    def _settle_change(self, plan: CarePlan, booked: int) -> None:
        assert self.open is not None  # noqa: S101 - for the type checker
        more, pace = _asked(self.open)
        if more:
            change_plan(plan, sessions=plan.sessions + booked)
        if pace:
            change_plan(plan, pace={**plan.pace, **pace})
        CourseChange.objects.filter(pk=self.open.pk, status=ChangeStatus.PROPOSED).update(
            status=ChangeStatus.AGREED, settled_at=self.now
        )

    def _refusals(self) -> list[Refusal]:
        movable = self._movable()
        free = {*self.lost, *self.added, *movable}
        refusals = [
            refuse(Code.UNKNOWN, field="step", value=step)
            for step in self.agreed
            if step not in free
        ]
        refusals += [
            refuse(Code.STEP_MISSING, step=step) for step in self.added if step not in self.agreed
        ]
        if not self.agreed:
            refusals.append(refuse(Code.NO_PLAN, steps=[]))
        refusals += eligibility.start_refusals(
            [(step, start) for step, start in self.agreed.items() if step in free],
            self.snapshot.grid,
            self.now,
            staff=self.actor.staff,
        )
        return refusals

    def _verify(self, sessions: Mapping[str, Session]) -> Findings:
        return verify(
            self.course,
            sessions,
            zone=self.snapshot.grid.zone,
            start=self.plan.earliest,
            patient=self.elsewhere,
            partial=True,
        )

    def _movable(self) -> set[str]:
        return {one.step for one in self.rows if one.status in MOVABLE and one.start > self.now}

    def _lost(self, known: list[Appointment]) -> dict[str, Appointment]:
        """The last appointment of each step that stands nowhere and may be booked again here."""
        last = {one.step: one for one in known if one.step not in self.standing}
        missed = [one.pk for one in last.values() if one.status == AppointmentStatus.NOSHOW]
        fresh = set(
            Event.objects.filter(
                appointment__in=missed, verb="noshow", at__gt=self.now - STANDS_AFTER
            ).values_list("appointment", flat=True)
        )
        return {
            step: one
            for step, one in last.items()
            if one.pk not in fresh and (one.status in PATIENTS_OWN or self.actor.staff)
        }

    def _wishes(self) -> tuple[Wishes, Wishes]:
        """As the patient once asked, and where that leaves no way, at any hour; with whom they see
        now."""
        usual = stored_wishes.from_json(self.plan.wishes, self.plan.earliest)
        persons = courses.practitioners_of(self.standing.values(), self.course)
        both = (replace(usual, latest=None, fixed={}), at_any_hour(self.plan))
        first, second = (
            replace(one, practitioners={**one.practitioners, **persons}) for one in both
        )
        return first, second

    def _continuing(self, step: str, persons: Mapping[str, str]) -> dict[str, str]:
        role = self.course.step(step).service.continuity
        return {role: persons[role]} if role is not None and role in persons else {}

    def _healed(self, starts: Mapping[str, int]) -> tuple[Healed, ...]:
        found = []
        for step, start in starts.items():
            stands, lost = self.standing.get(step), self.lost.get(step)
            if stands is not None and stands.start == start:
                continue
            before = lost.start if lost else write.instant(stands.start) if stands else None
            kind = "moved" if stands else "again" if lost else "new"
            length = timedelta(minutes=self.course.step(step).service.minutes)
            begin = write.instant(start)
            found.append(Healed(step, kind, before, begin, begin + length))
        return tuple(sorted(found, key=lambda one: (one.start, one.step)))


def _asked(change: CourseChange | None) -> tuple[dict[str, int], dict[str, list[int]]]:
    """How many more of which step, and which other rhythm, an open change asks for."""
    if change is None:
        return {}, {}
    details = change.details
    if change.kind == ChangeKind.ADD:
        return {details["step"]: details["count"]}, {}
    return {}, {details["step"]: [details["min"], details["target"], details["max"]]}


def _had(appointment: Appointment) -> Session:
    return Session(
        appointment.step, int(appointment.start.timestamp()), int(appointment.end.timestamp())
    )
