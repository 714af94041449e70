"""What waits for a colleague: numbers only, once on the morning of a working day."""

from __future__ import annotations

from datetime import datetime, time

from notifications.core.kinds import Kind
from notifications.models import Message
from scheduling.core.walltime import local, local_date, to_instant
from scheduling.models import Resource, Site

AT = time(7)
"""Local time of the digest. The clinic's own default."""


def write_digests(now: datetime) -> int:
    """Write today's digest for each colleague who has hours at a site today; return how many. One
    for each person and day, however often it runs."""
    messages = []
    for site in Site.objects.filter(active=True):
        today = local_date(now, site.timezone)
        people = Resource.objects.filter(
            site=site,
            user__is_active=True,
            user__roles__len__gt=0,
            hours__weekday=today.isoweekday(),
        )
        messages += [
            Message(
                kind=Kind.STAFF_DIGEST,
                user_id=user,
                site=site,
                topic=today.isoformat(),
                due_at=to_instant(today, AT, site.timezone),
            )
            for user in people.order_by("user").distinct().values_list("user", flat=True)
            if local(now, site.timezone).time() < AT
        ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)  # message_once
    return len(messages)
