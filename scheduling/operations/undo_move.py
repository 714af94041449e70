"""Take one's own last move back: every session that moved, to where it was."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import Appointment, AppointmentStatus, Event
from scheduling.operations.actor import Actor
from scheduling.operations.binding import Wanted
from scheduling.operations.reschedule import Rescheduled, reschedule

WITHIN = timedelta(minutes=15)
"""So long after it a move can be taken back by whoever made it. The clinic's own default."""
MOVES = ("moved", "rebound")


def undo_move(*, actor: Actor, appointment: Appointment, now: datetime) -> Rescheduled:
    """Move back everything that the actor's last move of this session moved, with the same people
    and places. A move like any other: rules are kept, and it is recorded.

    Raises Refused: WRONG_STATE where there is nothing (any more) to take back, or as `reschedule`.
    """
    last = move_to_undo(actor, appointment, now)
    if last is None:
        raise Refused([refuse(Code.WRONG_STATE, state=appointment.status, action="undo")])
    together = {
        event.appointment.step: _before(event)
        for event in _same_deed(last).exclude(pk=last.pk)
        if event.appointment is not None
    }
    before = _before(last)
    return reschedule(
        actor=actor,
        appointment=appointment,
        start=before.start,
        practitioners=before.practitioners,
        together=together,
        version=appointment.version,
        now=now,
    )


def move_to_undo(actor: Actor, appointment: Appointment, now: datetime) -> Event | None:
    """The actor's own move, if it is the last thing that happened to the session. One query."""
    last = Event.objects.filter(appointment=appointment).order_by("-id").first()
    mine = last is not None and actor.user is not None and last.actor_id == actor.user.pk
    if last is None or not mine or last.verb not in MOVES or now - last.at > WITHIN:
        return None
    return last if appointment.status == AppointmentStatus.BOOKED else None


def _same_deed(event: Event) -> QuerySet[Event]:
    """What was moved by the same deed: one cause, one moment."""
    alone = Event.objects.filter(pk=event.pk)
    if "cause" not in event.facts:
        return alone
    moved = Event.objects.filter(
        care_plan=event.care_plan,
        verb__in=MOVES,
        at=event.at,
        actor=event.actor,
        facts__cause=event.facts["cause"],
    )
    return moved.select_related("appointment")


def _before(event: Event) -> Wanted:
    return Wanted(datetime.fromisoformat(event.facts["from"]), event.facts.get("units", {}))
