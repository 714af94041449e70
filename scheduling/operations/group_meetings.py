"""Meetings of a group series: set up in a row, cancelled one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.states import BLOCKING
from scheduling.locks import lock_hours, lock_resources
from scheduling.models import Appointment, GroupSession, Reservation, Resource, Service
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.operations.set_hours import ask_about, require_manager


def add_meetings(
    *,
    actor: Actor,
    series: Resource,
    service: Service,
    coach: Resource,
    room: Resource,
    starts: Sequence[datetime],
    minutes: int,
    now: datetime,
) -> list[GroupSession]:
    """All of them, or none: coach and room are reserved for each.

    Raises Refused: NOT_ALLOWED but for managers, IN_THE_PAST, TAKEN for each start at which coach
    or room have something else, or the group meets already.
    """
    require_manager(actor, "add_meetings")
    past = [start for start in starts if start <= now]
    if past:
        raise Refused([refuse(Code.IN_THE_PAST, start=one.isoformat()) for one in past])

    def work() -> list[GroupSession]:
        lock_hours(series.site_id)
        lock_resources([coach.pk, room.pk])
        spans = [DateTimeTZRange(one, one + timedelta(minutes=minutes)) for one in starts]
        taken = [
            span.lower
            for span in spans
            if Reservation.objects.filter(resource__in=[coach, room], during__overlap=span).exists()
            or GroupSession.objects.filter(
                series=series, cancelled_at=None, during__overlap=span
            ).exists()
        ]
        if taken:
            raise Refused(
                [refuse(Code.TAKEN, step=series.name, start=one.isoformat()) for one in taken]
            )
        made = GroupSession.objects.bulk_create(
            GroupSession(service=service, series=series, coach=coach, room=room, during=span)
            for span in spans
        )
        Reservation.objects.bulk_create(
            Reservation(
                resource=resource,
                lane=0,
                during=meeting.during,
                role=resource.roles[0],
                group_session=meeting,
            )
            for meeting in made
            for resource in (coach, room)
        )
        facts = {"series": str(series.pk), "starts": [one.isoformat() for one in starts]}
        events.append(actor=actor, verb="meetings_added", facts=facts, now=now)
        return made

    return atomic.run(work)


def cancel_meeting(*, actor: Actor, meeting: GroupSession, now: datetime) -> list[Appointment]:
    """Give coach and room back; whoever has a seat becomes a task of the desk. Returns them.

    Raises Refused: NOT_ALLOWED but for managers, WRONG_STATE where it was cancelled already.
    """
    require_manager(actor, "cancel_meeting")

    def work() -> list[Appointment]:
        lock_hours(meeting.series.site_id)
        open_ones = GroupSession.objects.filter(pk=meeting.pk, cancelled_at=None)
        if not open_ones.update(cancelled_at=now):
            raise Refused([refuse(Code.WRONG_STATE, state="cancelled", action="cancel_meeting")])
        Reservation.objects.filter(group_session=meeting).delete()
        met = seats_of(meeting)
        ask_about(met, meeting.series.site, now)
        facts = {"meeting": str(meeting.pk), "met": [str(one.pk) for one in met]}
        events.append(actor=actor, verb="meeting_cancelled", facts=facts, now=now)
        return met

    return atomic.run(work)


def seats_of(meeting: GroupSession) -> list[Appointment]:
    """Everybody who has a seat, by name. One query."""
    seats = Reservation.objects.filter(resource=meeting.series, during__overlap=meeting.during)
    rows = Appointment.objects.filter(reservations__in=seats, status__in=BLOCKING).distinct()
    return list(rows.select_related("patient", "site").order_by("patient__family_name", "pk"))
