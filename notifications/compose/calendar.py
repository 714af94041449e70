"""The appointments of one person, as their calendar shows them."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation

from accounts.models import User
from notifications.calendars.feed import feed
from notifications.calendars.invitation import published
from notifications.compose.contents import portal
from notifications.compose.recipient import language_of
from notifications.compose.sessions import sessions_of
from notifications.compose.working_times import working_times
from notifications.core.session import Session
from notifications.models import CalendarFeed
from scheduling.models import Appointment, AppointmentStatus

NEVER_BOOKED = (AppointmentStatus.HELD, AppointmentStatus.EXPIRED, AppointmentStatus.RELEASED)
KEPT = timedelta(days=90)
"""How long what is over stays in a feed. The clinic's own default."""


def organizer() -> str:
    """The bare address that messages come from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def file_of(appointments: QuerySet[Appointment]) -> bytes | None:
    """Appointments to be put into a calendar by hand, in the language that is active; None where
    none was ever booked. Two queries."""
    sessions = _sessions(appointments)
    return published(sessions, organizer=organizer(), url=portal("plans")) if sessions else None


def feed_of(found: CalendarFeed, now: datetime) -> bytes:
    """What the feed holds, in its owner's language; the same bytes while nothing has changed.
    `found` comes with its owner, and the owner's record as a patient. Two queries."""
    owner = found.owner
    if found.kind == CalendarFeed.Kind.STAFF:
        with translation.override(owner.language):
            sessions = working_times(owner, found.created_at, since=now - KEPT)
            return feed(sessions, organizer=organizer(), url=portal("my-day"))
    with translation.override(language_of(owner.patient)):
        return feed(_own(owner, now - KEPT), organizer=organizer(), url=portal("plans"))


def _own(user: User, since: datetime) -> list[Session]:
    return _sessions(Appointment.objects.filter(patient__user=user, end__gt=since))


def _sessions(appointments: QuerySet[Appointment]) -> list[Session]:
    rows = appointments.exclude(status__in=NEVER_BOOKED)
    return sessions_of(rows.select_related("site", "service"))
