"""How many text messages are enough."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.db.models.functions import Coalesce

from notifications.core.kinds import RULES, Channel, Kind, Status
from notifications.core.replies import TEXTS_A_DAY, TEXTS_A_WEEK
from notifications.models import Message
from scheduling.core.walltime import day_start, local_date

WENT_OUT = (Status.SENT, Status.AMBIGUOUS, Status.BOUNCED)
ONLY_REMINDS = tuple(kind for kind in Kind if RULES[kind].stops)


def are_enough(message: Message, now: datetime) -> bool:
    """Whether the patient has had as many texts as what only reminds may send: in the site's local
    day, and in seven days that end with it. News about a visit always goes out.

    Another sender with a text for the same patient waits until this one is sent, and then counts
    it: part of the transaction that sends."""
    if message.channel != Channel.SMS or message.kind not in ONLY_REMINDS:
        return False
    with connection.cursor() as cursor:
        name = f"texts {message.patient_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
    zone = message.site.timezone
    today = local_date(now, zone)
    sent = Message.objects.filter(
        patient=message.patient_id,
        channel=Channel.SMS,
        kind__in=ONLY_REMINDS,
        status__in=WENT_OUT,
    ).annotate(went_out=Coalesce("sent_at", "claimed_at"))
    week = sent.filter(went_out__gte=day_start(today - timedelta(days=6), zone))
    times = list(week.values_list("went_out", flat=True))
    return len(times) >= TEXTS_A_WEEK or (
        sum(local_date(at, zone) == today for at in times) >= TEXTS_A_DAY
    )
