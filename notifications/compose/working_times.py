"""When a colleague is needed, as their own calendar shows it: no patient, no treatment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.conf import settings

from accounts.models import User
from notifications.compose.sessions import sessions_of
from notifications.core.session import Session
from scheduling.core.states import BLOCKING, AppointmentState
from scheduling.models import GroupSession, Reservation

AT_WORK = BLOCKING - {AppointmentState.HELD}


def working_times(user: User, known_since: datetime, *, since: datetime) -> list[Session]:
    """The colleague's own part of each visit, and the meetings of groups, that end after `since`,
    in the order of their times. What no longer needs them is not in it: nothing remembers who
    would have been there. `known_since` dates meetings, which have no revisions. Two queries."""
    rows = Reservation.objects.filter(resource__user=user, during__endswith__gt=since)
    held = list(
        rows.select_related(
            "appointment__site", "appointment__service", "group_session__series__site"
        )
    )
    spans = _spans(held)
    visits = {one.appointment.pk: one.appointment for one in held if one.appointment}
    found = [
        replace(one, start=spans[one.id][0], end=spans[one.id][1])
        for one in sessions_of(one for one in visits.values() if one.status in AT_WORK)
    ]
    meetings = {one.group_session.pk: one.group_session for one in held if one.group_session}
    found += (_meeting(one, known_since) for one in meetings.values())
    return sorted(found, key=lambda one: (one.start, str(one.id)))


def _spans(held: Iterable[Reservation]) -> dict[UUID, tuple[datetime, datetime]]:
    """From the first to the last moment of each visit in which the colleague is reserved."""
    spans: dict[UUID, tuple[datetime, datetime]] = {}
    for one in held:
        if one.appointment_id is not None:
            start, end = spans.get(one.appointment_id, (one.during.lower, one.during.upper))
            spans[one.appointment_id] = min(start, one.during.lower), max(end, one.during.upper)
    return spans


def _meeting(meeting: GroupSession, revised_at: datetime) -> Session:
    site = meeting.series.site
    return Session(
        id=meeting.pk,
        uid=f"{meeting.pk}@{settings.CALENDAR_DOMAIN}",
        sequence=0,
        revised_at=revised_at,
        start=meeting.during.lower,
        end=meeting.during.upper,
        zone=site.timezone,
        cancelled=meeting.cancelled_at is not None,
        mode="in_person",
        title="",
        clinic=site.neutral_name,
        address=site.address,
        phone=site.phone,
    )
