"""The desk steers the waitlist: who is more urgent, who comes first, whom to pass over for now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import WaitlistEntry, WaitlistPriority, WaitlistStatus
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may

STEERED = "waitlist_steered"
MOMENT = timedelta(milliseconds=1)


def set_priority(
    *, actor: Actor, entry: WaitlistEntry, priority: int, reason: str, now: datetime
) -> None:
    """Say how urgent an entry is, with the reason that everybody who steers reads.

    Raises Refused: NOT_ALLOWED, REASON_NEEDED, UNKNOWN, WRONG_STATE once it no longer waits.
    """
    refusals = []
    if priority not in WaitlistPriority.values:
        refusals.append(refuse(Code.UNKNOWN, field="priority", value=priority))
    if priority != WaitlistPriority.USUAL and not reason.strip():
        refusals.append(refuse(Code.REASON_NEEDED, action="set priority"))
    if refusals:
        raise Refused(refusals)
    _steer(actor, entry, now, {"priority": priority}, reason, priority=priority)


def skip(*, actor: Actor, entry: WaitlistEntry, until: datetime | None, now: datetime) -> None:
    """Offer nothing to the entry until then (None: from now on again). Raises Refused as above."""
    said = {"skip_until": until.isoformat() if until else None}
    _steer(actor, entry, now, said, skip_until=until)


def reorder(*, actor: Actor, entry: WaitlistEntry, up: bool, now: datetime) -> None:
    """Change places with the entry of the same priority before (`up`) or after. At the end of the
    list nothing happens. Raises Refused as above."""
    rows = WaitlistEntry.objects.filter(
        site=entry.site_id, status=WaitlistStatus.WAITING, priority=entry.priority
    ).exclude(pk=entry.pk)
    if up:
        other = rows.filter(turn__lte=entry.turn).order_by("-turn", "-pk").first()
    else:
        other = rows.filter(turn__gte=entry.turn).order_by("turn", "pk").first()
    if other is None:
        return
    turn = other.turn - MOMENT if up else other.turn + MOMENT
    _steer(actor, entry, now, {"moved": "up" if up else "down"}, turn=turn)


def require_may_steer(actor: Actor) -> None:
    """Raises Refused (NOT_ALLOWED) for who does not work at the desk."""
    if actor.user is None or not may(actor.user, Action.STEER_WAITLIST):
        roles = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action=Action.STEER_WAITLIST.value, role=roles)])


def _steer(
    actor: Actor,
    entry: WaitlistEntry,
    now: datetime,
    said: Mapping[str, object],
    reason: str = "",
    **fields: object,
) -> None:
    require_may_steer(actor)

    def work() -> None:
        rows = WaitlistEntry.objects.filter(pk=entry.pk, status=WaitlistStatus.WAITING)
        if not rows.update(**fields):
            entry.refresh_from_db()
            raise Refused([refuse(Code.WRONG_STATE, state=entry.status, action=STEERED)])
        events.append(
            actor=actor,
            verb=STEERED,
            patient=entry.patient,
            care_plan=entry.care_plan,
            appointment=entry.appointment,
            reason=reason,
            facts={"entry": str(entry.pk), **said},
            now=now,
        )
        entry.refresh_from_db()

    atomic.run(work)
