"""Take a proposed repair: every change of it, or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from scheduling.core.assign import Capacity
from scheduling.core.day_capacity import DayCapacity
from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.repair import Disturbed, Key, Option, Repair
from scheduling.core.repair_allow import needed
from scheduling.core.repair_check import broken
from scheduling.core.repair_table import bookings_of
from scheduling.core.roles import Role
from scheduling.core.service import Service
from scheduling.locks import lock_repair
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    CarePlan,
    Disruption,
    DisruptionStatus,
    StaffTask,
)
from scheduling.operations import atomic, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.close import AFFECTED, UNPLACED, require_may_close
from scheduling.operations.disrupt import meet_again, require_open
from scheduling.operations.join_waitlist import end_satisfied
from scheduling.operations.move import lift, put
from scheduling.operations.overtime import open_longer
from scheduling.operations.proposal import Stored, read, repair_of
from scheduling.operations.recipe import bound_units
from scheduling.operations.shock import Met, key_of
from scheduling.selectors import courses

GAP = "gap_exceeded"
ELSEWHERE = frozenset({Option.VIDEO, Option.OVERTIME})
"""Options of a proposal alone: once it was applied, nobody can take them any more."""
SOON = staff_tasks.SOON
PLANS = CarePlan.objects.select_related("site", "protocol_version")


def apply_repair(
    *, actor: Actor, disruption: Disruption, revision: int | None = None, now: datetime
) -> Disruption:
    """Move what the proposal moves, under the locks of all patients and units, after another look
    at everything; ask the front desk for each session that has no place. Front desk and managers.

    `revision`: what the reader has seen. Raises Refused: NOT_ALLOWED; WRONG_STATE once it was
    applied; PROPOSAL_OUTDATED, with nothing moved, where another proposal stands there by now or
    the world has moved: `adjust.refresh` makes a fresh one.
    """
    require_may_close(actor, "repair")

    def work() -> Disruption:
        seen = _locked(disruption.pk)
        require_open(seen, "repair")
        if revision not in (None, seen.revision):
            raise outdated(seen)
        changes = read(seen.proposal)
        rows = Appointment.objects.filter(pk__in=[one.appointment for one in changes])
        capacity = lock_repair(
            seen.site_id,
            rows.values_list("patient_id", flat=True),
            bound_units([one.change.session for one in changes]),
        )
        met = meet_again(seen, now)
        repair = repair_of(met, seen.proposal)
        if not (in_time(met, repair, now) and still_true(met, repair, changes)):
            raise outdated(seen)
        seen.before = _write(met, repair, capacity, seen, actor, now)
        _tasks(seen, met, repair, actor, now)
        moved = [met.appointments[key] for key in repair.changes]
        for entry in end_satisfied(moved, seen.created_at, actor, now):
            seen.before[str(entry.appointment_id)]["waited"] = str(entry.pk)
        Disruption.objects.filter(pk=seen.pk).update(
            status=DisruptionStatus.APPLIED,
            applied_at=now,
            applied_by=actor.user,
            before=seen.before,
            search_ended=True,
        )
        events.append(
            actor=actor,
            verb="repaired",
            facts={
                "disruption": str(seen.pk),
                "moved": len(repair.changes),
                "unplaced": len(seen.proposal.get("unplaced", ())),
                "cost": seen.cost,
            },
            now=now,
        )
        seen.refresh_from_db()
        return seen

    try:
        return atomic.run(work)
    except Refused as refused:
        # Somebody was first after all: the database or a row's version says so.
        if {one.code for one in refused.refusals} & {Code.TAKEN, Code.STALE}:
            raise outdated(disruption) from refused
        raise


def outdated(disruption: Disruption) -> Refused:
    """The refusal of a proposal that is no longer the one, or no longer true."""
    return Refused([refuse(Code.PROPOSAL_OUTDATED, revision=disruption.revision)])


def in_time(met: Met, repair: Repair, now: datetime) -> bool:
    """Whether nobody would have to come at another time too soon, or when it is over: a proposal
    may have waited. Where staff pinned it, they have asked."""
    for key, change in repair.changes.items():
        soonest = int(now.timestamp()) if key in met.shock.pins else met.shock.not_before
        start = change.session.start
        if start != met.sessions[key].start and start < soonest:
            return False
    return True


def still_true(met: Met, repair: Repair, changes: Sequence[Stored]) -> bool:
    """Whether every change is about an appointment as it was, breaks no rule and finds its units
    free and at work."""
    rows = {row.pk: row for row in met.appointments.values()}
    for one in changes:
        row = rows.get(one.appointment)
        if row is None or row.version != one.version or row.status != AppointmentStatus.BOOKED:
            return False
        if key_of(row) not in repair.changes:
            return False
    if any(broken(met.shock, course, repair) for course in met.shock.courses):
        return False
    followers = [met.sessions[k] for k, one in repair.changes.items() if one.follows]
    free = met.shock.availability.without(row for one in followers for row in bookings_of(one))
    capacity = DayCapacity(free)
    by_id = {course.id: course for course in met.shock.courses}
    for key, change in repair.changes.items():
        if not _free(capacity, by_id[key[0]], key, change.session):
            return False
        capacity.take(change.session.taken)
    return True


def _free(capacity: Capacity, course: Disturbed, key: Key, session: Session) -> bool:
    """Whether the session's units are there for each of its requirements."""
    service: Service = course.course.step(key[1]).service
    left = list(session.taken)
    for need in service.requirements:
        start, end = session.start + need.start * 60, session.start + need.end * 60
        if need.present:
            pool: Iterable[str] = [
                unit.id for unit in capacity.units.values() if need.role in unit.roles
            ]
        else:
            span = (need.role, start, end)
            own = next((t for t in left if (t.role, t.start, t.end) == span), None)
            if own is None:
                return False
            left.remove(own)
            pool = [own.unit] if own.unit in capacity.units else []
        try:
            if not any(capacity.free(unit, need, session.start) for unit in pool):
                return False
        except ValueError:  # beyond what is planned
            return False
    return True


def _write(
    met: Met,
    repair: Repair,
    capacity: dict[UUID, int],
    disruption: Disruption,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Lift all, then put all: so two patients may swap places. Returns what each had before."""
    groups: dict[str, list[Key]] = {}
    for key in sorted(repair.changes):
        groups.setdefault(key[0], []).append(key)
    before: dict[str, dict[str, Any]] = {
        str(met.appointments[key].pk): {
            "start": met.appointments[key].start.isoformat(),
            "taken": [[t.role, t.unit, t.start, t.end, t.lanes] for t in met.sessions[key].taken],
            "mode": met.appointments[key].mode,
        }
        for key in repair.changes
    }
    for key in repair.changes:
        pin = met.shock.pins.get(key)
        spans = needed(pin.opens, repair.changes[key].session) if pin else []
        if spans:
            opened = open_longer(spans, disruption.site, actor, now)
            before[str(met.appointments[key].pk)]["opened"] = [str(one) for one in opened]
    lifted = {
        course: lift([met.appointments[key] for key in keys]) for course, keys in groups.items()
    }
    for course, keys in groups.items():
        moved = put(
            [met.appointments[key] for key in keys],
            {key[1]: repair.changes[key].session for key in keys},
            capacity,
            lifted[course],
            actor=actor,
            facts={"disruption": str(disruption.pk), "cause": str(disruption.pk)},
            kinds=_other_modes(met, keys),
            now=now,
        )
        for one in moved:
            before[str(one.pk)]["version"] = one.version
    return before


def _other_modes(met: Met, keys: Iterable[Key]) -> dict[str, Service]:
    """The sessions that are given another way than now, with their service as it is then."""
    by_id = {course.id: course.course for course in met.shock.courses}
    kinds = {key: by_id[key[0]].step(key[1]).service for key in keys}
    return {key[1]: kind for key, kind in kinds.items() if kind.mode != met.appointments[key].mode}


def _tasks(disruption: Disruption, met: Met, repair: Repair, actor: Actor, now: datetime) -> None:
    """What is repaired needs nobody any more, but for a prescriber where a gap is longer than the
    protocol says; each session without a place needs somebody."""
    placed = [met.appointments[key].pk for key in repair.changes]
    unplaced = {UUID(one["appointment"]): one for one in disruption.proposal.get("unplaced", ())}
    StaffTask.objects.filter(
        kind=AFFECTED,
        finished_at=None,
        appointment__in=[*placed, *unplaced],
        facts__closure=str(disruption.closure_id),
    ).update(finished_at=now, outcome="repaired", owner=actor.user)
    for one in met.affected:
        if one.pk in unplaced:
            staff_tasks.open_task(
                UNPLACED,
                Role.FRONT_DESK,
                site=disruption.site,
                appointment=one,
                urgent=one.start < now + SOON,
                facts={
                    "disruption": str(disruption.pk),
                    "options": [
                        way for way in unplaced[one.pk]["options"] if way["option"] not in ELSEWHERE
                    ],
                },
                now=now,
            )
    for key, pin in met.shock.pins.items():
        row = met.appointments[key]
        if pin.option is Option.LATER_START and key in repair.changes and row.care_plan_id:
            plan = PLANS.get(pk=row.care_plan_id)  # as it is now
            warnings = [
                dict(one.facts)
                for one in courses.warnings_of(plan)
                if row.step in (one.facts["step"], one.facts["anchor"])
            ]
            if not warnings:
                continue  # it was not needed after all
            staff_tasks.open_task(
                GAP,
                Role.PRESCRIBER,
                site=disruption.site,
                appointment=row,
                facts={"disruption": str(disruption.pk), "warnings": warnings},
                now=now,
            )


def _locked(key: UUID) -> Disruption:
    """The disruption, one desk after the other."""
    rows = Disruption.objects.select_for_update(of=["self"], no_key=True)
    return rows.select_related("site", "closure").get(pk=key)
