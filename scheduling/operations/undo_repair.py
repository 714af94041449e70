"""Take an applied repair back, while nobody has been told of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from scheduling.core.plan import Session, Taken
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.core.service import Service
from scheduling.locks import lock_hours, lock_repair
from scheduling.models import Appointment, Disruption, DisruptionStatus, StaffTask
from scheduling.operations import atomic, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.apply_repair import GAP
from scheduling.operations.close import AFFECTED, UNPLACED, require_may_close
from scheduling.operations.join_waitlist import wait_again
from scheduling.operations.move import lift, put
from scheduling.operations.overtime import close_again
from scheduling.operations.recipe import bound_units
from scheduling.operations.shock import key_of
from scheduling.operations.told import anybody_told
from scheduling.selectors import services

WITHIN = timedelta(minutes=15)
"""So long after it a repair can be taken back at most. The clinic's own default."""


def undo_repair(*, actor: Actor, disruption: Disruption, now: datetime) -> Disruption:
    """Put every session back to where it was, with the same people and places; all or none. What
    was opened longer for it is closed again, and who waited before waits again. Then it is a
    proposal again.

    Raises Refused: NOT_ALLOWED; WRONG_STATE where patients have been told, where it is too long
    ago, or where a session was changed since; TAKEN where somebody has the old place by now.
    """
    require_may_close(actor, "undo")

    def work() -> Disruption:
        rows = Disruption.objects.select_for_update(of=["self"], no_key=True)
        seen = rows.select_related("site", "closure").get(pk=disruption.pk)
        if not may_be_undone(seen, now):
            raise Refused([refuse(Code.WRONG_STATE, state=seen.status, action="undo")])
        before: dict[str, Any] = seen.before
        found = Appointment.objects.filter(pk__in=list(before)).select_related("care_plan")
        kinds = _modes(found, before)
        sessions = {row.pk: _was(row, before[str(row.pk)], kinds.get(row.pk)) for row in found}
        opened = [key for one in before.values() for key in one.get("opened", ())]
        if opened:
            lock_hours(seen.site_id)  # what was opened is closed again
        capacity = lock_repair(
            seen.site_id, {row.patient_id for row in found}, bound_units(sessions.values())
        )
        if any(row.version != before[str(row.pk)]["version"] for row in found):
            raise Refused([refuse(Code.WRONG_STATE, state="changed since", action="undo")])
        groups: dict[str, list[Appointment]] = {}
        for row in found:
            groups.setdefault(key_of(row)[0], []).append(row)
        lifted = {course: lift(of) for course, of in groups.items()}
        versions: dict[str, int] = {}
        for course, of in groups.items():
            moved = put(
                of,
                {row.step: sessions[row.pk] for row in of},
                capacity,
                lifted[course],
                actor=actor,
                facts={"disruption": str(seen.pk), "undone": True},
                kinds={row.step: kinds[row.pk] for row in of if row.pk in kinds},
                now=now,
            )
            versions |= {str(one.pk): one.version for one in moved}
        close_again(opened, seen.site, actor, now)
        wait_again([one["waited"] for one in before.values() if "waited" in one], actor, now)
        _tasks(seen, list(found), actor, now)
        Disruption.objects.filter(pk=seen.pk).update(
            status=DisruptionStatus.PROPOSED,
            applied_at=None,
            applied_by=None,
            before={},
            proposal=_of_now(seen.proposal, versions),
        )
        events.append(
            actor=actor, verb="repair_undone", facts={"disruption": str(seen.pk)}, now=now
        )
        seen.refresh_from_db()
        return seen

    return atomic.run(work)


def may_be_undone(disruption: Disruption, now: datetime) -> bool:
    """Whether there is a repair to take back, not long ago, of which nobody has been told."""
    at = disruption.applied_at
    recent = at is not None and now - at <= WITHIN
    return recent and not anybody_told(disruption.pk)


def _of_now(proposal: dict[str, Any], versions: dict[str, int]) -> dict[str, Any]:
    """The same proposal, about the rows as they are written now: it can be taken again."""
    changes = [
        {**one, "version": versions.get(one["appointment"], one["version"])}
        for one in proposal["changes"]
    ]
    return {**proposal, "changes": changes}


def _modes(rows: Iterable[Appointment], before: dict[str, Any]) -> dict[UUID, Service]:
    """The services of those that were given another way before. One query, if any were."""
    other = [row for row in rows if before[str(row.pk)].get("mode", row.mode) != row.mode]
    known = services.definitions() if other else {}
    return {
        row.pk: services.core_service(row.service_id, before[str(row.pk)]["mode"], known=known)
        for row in other
    }


def _was(row: Appointment, before: dict[str, Any], kind: Service | None) -> Session:
    start = datetime.fromisoformat(before["start"])
    end = start + (timedelta(minutes=kind.minutes) if kind else row.end - row.start)
    taken = tuple(Taken(*one) for one in before["taken"])
    return Session(row.step, int(start.timestamp()), int(end.timestamp()), taken)


def _tasks(disruption: Disruption, back: list[Appointment], actor: Actor, now: datetime) -> None:
    """The sessions stand in the closure again, and each needs somebody; where it has ended since,
    nobody."""
    unplaced = [UUID(one["appointment"]) for one in disruption.proposal.get("unplaced", ())]
    StaffTask.objects.filter(
        kind__in=[UNPLACED, GAP], finished_at=None, facts__disruption=str(disruption.pk)
    ).update(finished_at=now, outcome="undone", owner=actor.user)
    if disruption.closure_id is None:
        return
    again = {UUID(key) for key in disruption.proposal.get("affected", ())}
    rows = [row for row in back if row.pk in again]
    rows += list(Appointment.objects.filter(pk__in=unplaced))
    staff_tasks.open_tasks(
        AFFECTED,
        Role.FRONT_DESK,
        rows,
        site=disruption.site,
        urgent_until=now + timedelta(days=2),
        due_at=now,
        facts={"closure": str(disruption.closure_id)},
    )
