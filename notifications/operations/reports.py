"""What is heard later about a message, from whomever, settles it: once, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import structlog
from django.db import transaction

from notifications.calendars.invitation import one_line
from notifications.core import reports
from notifications.core.kinds import Channel, Status
from notifications.core.reports import Report
from notifications.models import Message, ProviderEvent
from notifications.operations import tasks_for_staff
from notifications.operations.suppress import suppress

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """One thing told by `source`. `event_id` is its own name for it there. `message` or, where that
    is not known, `provider_id` say about which message; `recipient` is believed only where we do
    not know ourselves where the message went. `at`: when it happened."""

    source: str
    event_id: str
    report: Report
    at: datetime
    message: UUID | None = None
    provider_id: str = ""
    recipient: str = ""
    detail: str = ""

    @property
    def key(self) -> str:
        return sha256(f"{self.source}\n{self.event_id}".encode()).hexdigest()


def take(news: News, now: datetime) -> bool:
    """Write it down and let it act; False where it was known already. In one transaction, so that
    what fails half-way is told again by the provider and then acts.

    It acts through a message of ours alone, and on the address which that message went to: nobody
    can have mail to an address stopped by telling us of a message that never was.
    """
    with transaction.atomic():
        message = _find(news)
        event, new = ProviderEvent.objects.get_or_create(
            key=news.key,
            defaults={
                "source": news.source,
                "report": news.report,
                "detail": one_line(news.detail)[:60],
                "message": message,
                "at": news.at,
            },
        )
        if not new:
            return False
        if message is None:
            log.warning("report_about_unknown_message", source=news.source, row=event.pk)
        else:
            _settle(message, news, now)
        return True


def _find(news: News) -> Message | None:
    """The message, locked: its sender, if one is at it, finishes first."""
    known = {"pk": news.message} if news.message else {"provider_id": news.provider_id}
    if not any(known.values()):
        return None
    rows = Message.objects.select_for_update(of=("self",), no_key=True).select_related(
        "patient__user", "user", "site", "care_plan", "appointment"
    )
    return rows.filter(**known, channel=Channel.EMAIL).first()


def _settle(message: Message, news: News, now: datetime) -> None:
    before, address = Status(message.status), message.address or news.recipient[:320]
    status, reason = reports.after(news.report, before, message.reason)
    if status == Status.SENT and not address:
        return  # it went out, but nobody knows where to: that stays a person's to say
    if before in reports.HANDED_OVER:
        sent = status == Status.SENT and before != Status.SENT
        Message.objects.filter(pk=message.pk).update(
            status=status,
            reason=reason,
            address=address,
            provider_id=news.provider_id[:200] or message.provider_id,
            **{"sent_at": news.at, "told": _told(message)} if sent else {},
        )
    if before == Status.AMBIGUOUS and status != before:
        tasks_for_staff.no_longer_unsure(message, now)
    if news.report in reports.SUPPRESSES and address:
        suppress(address, reports.SUPPRESSES[news.report])
    if news.report in reports.BACK and status == Status.BOUNCED:
        tasks_for_staff.bounced(message, news.report, now)
    if news.report == Report.COMPLAINT:
        tasks_for_staff.complained(message, now)


def _told(message: Message) -> dict[str, int]:
    """What the reader now knows. After a crash only what the message itself is about is certain;
    too little only means that a later change is told once more."""
    if message.told or message.appointment_id is None:
        return message.told
    return {str(message.appointment_id): message.sequence}
