"""What wakes the ledger up. Each task is a line around a function that may run twice."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from notifications.channels.imap import MailboxAddress
from notifications.operations.collect import collect_all
from notifications.operations.deliver import deliver as deliver_due
from notifications.operations.digest import write_digests
from notifications.operations.due_forms import write_due_forms
from notifications.operations.expiring_holds import write_expiring_holds
from notifications.operations.prune import prune
from notifications.operations.read_mailbox import read_mailbox
from notifications.operations.recover import recover
from notifications.operations.schedule import schedule as schedule_ahead
from notifications.operations.webhook_deliveries import deliver as deliver_webhooks
from scheduling.locks import alone


@shared_task(name="notifications.tasks.collect")
def collect() -> None:
    """Turn events into messages, and find those whose sender died."""
    now = timezone.now()
    recover(now)  # whatever becomes of the events
    collect_all(now)


@shared_task(name="notifications.tasks.deliver")
def deliver() -> None:
    """Send what is due."""
    deliver_due()


@shared_task(name="notifications.tasks.mailbox")
def mailbox() -> None:
    """Read what calendars have answered."""
    if settings.INBOUND_MAILBOX is not None:
        read_mailbox(MailboxAddress(**settings.INBOUND_MAILBOX))


@shared_task(name="notifications.tasks.schedule")
def schedule() -> None:
    """Write what is sent because a day comes near."""
    now = timezone.now()
    schedule_ahead(now)
    write_expiring_holds(now)


@shared_task(name="notifications.tasks.ask")
def ask() -> None:
    """Tell patients of questions that wait, and colleagues of their day; and tidy up."""
    now = timezone.now()
    write_due_forms(now)
    write_digests(now)
    prune(now)


@shared_task(name="notifications.tasks.webhooks")
def webhooks() -> None:
    """Tell other programs what has changed. One that hangs must not take every worker."""
    with alone("webhooks") as mine:
        if mine:
            deliver_webhooks(seconds=15)
