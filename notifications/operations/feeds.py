"""Private calendar addresses: made, replaced, taken back, and found again by whoever knows one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.tokens import digest, new_token
from notifications.models import CalendarFeed
from scheduling.core.states import SILENT
from scheduling.models import Event

Kind = CalendarFeed.Kind
NOTED_EVERY = timedelta(hours=1)


def kinds_of(user: User) -> list[CalendarFeed.Kind]:
    """Which calendars the person has: as a patient, as a colleague, or both."""
    found = [Kind.PATIENT] if getattr(user, "patient", None) is not None else []
    return [*found, Kind.STAFF] if user.works_here else found


def open_feed(owner: User, kind: CalendarFeed.Kind, now: datetime) -> str:
    """A new secret for the address. One that was there before stops working at once. Nobody can
    read it again later."""
    secret = new_token()
    CalendarFeed.objects.update_or_create(
        owner=owner,
        kind=kind,
        defaults={"key": digest(secret), "created_at": now, "last_used_at": None},
    )
    return secret


def close_feed(owner: User, kind: CalendarFeed.Kind) -> bool:
    """Take the address back; whether there was one."""
    deleted, _by_model = CalendarFeed.objects.filter(owner=owner, kind=kind).delete()
    return bool(deleted)


def find_feed(secret: str) -> CalendarFeed | None:
    """The feed of that secret, with its owner; None where there is none, or nothing is told to its
    owner any more: somebody who has left, or whose patient's status asks for silence. Getting back
    into an account ends every address that was made before. One query, the same for every answer.
    """
    patients = Q(kind=Kind.PATIENT, owner__patient__isnull=False)
    silent = Q(owner__patient__status__in=[status.value for status in SILENT])
    staff = Q(kind=Kind.STAFF) & ~Q(owner__roles=[])
    recovered = Event.objects.filter(
        actor=OuterRef("owner"), verb="recovered", at__gte=OuterRef("created_at")
    )
    rows = CalendarFeed.objects.filter(
        (patients & ~silent) | staff,
        ~Exists(recovered),
        key=digest(secret),
        owner__is_active=True,
    )
    return rows.select_related("owner__patient").first()


def note_use(feed: CalendarFeed, now: datetime) -> None:
    """Remember that somebody has fetched it, to the hour."""
    if feed.last_used_at is None or now - feed.last_used_at >= NOTED_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk, key=feed.key).update(last_used_at=now)
