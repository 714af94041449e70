"""How many text messages are enough."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models.functions import Coalesce

from notifications.core.kinds import ONLY_REMINDS, Channel, Status
from notifications.core.replies import TEXTS_A_DAY, TEXTS_A_WEEK
from notifications.models import Message
from scheduling.core.walltime import day_start, local_date

WENT_OUT = (Status.SENT, Status.AMBIGUOUS, Status.BOUNCED)


def are_enough(message: Message, now: datetime) -> bool:
    """Whether the patient has had as many texts as what only reminds may send: in the site's local
    day, and in seven days that end with it. News about a visit always goes out. One query; whoever
    sends has the patient's turn (`operations.claim`), so no other sender adds to it meanwhile."""
    if message.channel != Channel.SMS or message.kind not in ONLY_REMINDS:
        return False
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
