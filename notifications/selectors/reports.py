"""What became of messages, for the manager."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from notifications import wording
from notifications.core.kinds import Kind, Status
from notifications.models import Message
from scheduling.selectors.reports import Span, Table

NOT_SENT = (Status.CANCELLED, Status.SUPPRESSED)
PROBLEMS = (Status.FAILED, Status.BOUNCED, Status.AMBIGUOUS)

TITLES: dict[str, Any] = {
    "messages": _("What became of messages"),
    "not_sent": _("Why messages were not sent"),
}
COLUMNS: dict[str, Any] = {
    "kind": _("Message"),
    "channel": _("By"),
    "sent": _("Sent"),
    "not_sent": _("Not sent"),
    "problems": _("Failed or unsure"),
    "why": _("Why"),
    "messages": _("Messages"),
}
VALUES: dict[str, Any] = {
    "email": _("email"),
    "sms": _("text message"),
    **{kind.value: words for kind, words in wording.KINDS.items()},
    **{f"why_{reason.value}": words for reason, words in wording.REASONS.items()},
}


def messages(span: Span) -> list[Table]:
    """By kind and channel: sent, not sent, failed; and the reasons. By the local day on which each
    was due. One query."""
    rows = (
        Message.objects.filter(site=span.site, due_at__gte=span.start, due_at__lt=span.end)
        .order_by()
        .values_list("kind", "channel", "status", "reason")
        .annotate(Count("pk"))
    )
    counted: Counter[tuple[str, str, str]] = Counter()
    why: Counter[str] = Counter()
    for kind, channel, status, reason, count in rows:
        counted[kind, channel, _group(status)] += count
        if status in (*NOT_SENT, *PROBLEMS):
            why[f"why_{reason}"] += count
    order = list(Kind)
    kinds = sorted(
        {(kind, channel) for kind, channel, _group in counted},
        key=lambda one: (order.index(Kind(one[0])), one[1]),
    )
    groups = ("sent", "not_sent", "problems")
    return [
        Table(
            "messages",
            ("kind", "channel", *groups),
            tuple(
                (kind, channel, *(counted[kind, channel, group] for group in groups))
                for kind, channel in kinds
            ),
            "sent",
        ),
        Table("not_sent", ("why", "messages"), tuple(why.most_common()), "messages"),
    ]


def _group(status: str) -> str:
    if status in NOT_SENT:
        return "not_sent"
    return "problems" if status in PROBLEMS else "sent" if status == Status.SENT else "waiting"
