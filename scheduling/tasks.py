"""What time does by itself. Each task is a few lines around functions that may run twice."""

from __future__ import annotations

from datetime import timedelta

import structlog
from celery import shared_task
from django.db import DatabaseError
from django.utils import timezone

from scheduling import snapshots
from scheduling.models import IdempotencyRecord
from scheduling.operations.chase_gates import chase_gates
from scheduling.operations.clearance_deadlines import (
    expire_clearances,
    release_uncleared,
)
from scheduling.operations.end_offers import expire_offers
from scheduling.operations.expire import expire_due
from scheduling.operations.forms import open_due_forms
from scheduling.operations.improve import improve_due
from scheduling.operations.match_waitlist import match_waitlist
from scheduling.operations.overtime import close_unneeded
from scheduling.operations.pass_on import pass_on, tell_on_call
from scheduling.operations.resume import remind_of_pauses
from scheduling.operations.sign_consent import ask_again
from scheduling.operations.what_if import answer_what_if

IDEMPOTENCY_KEPT = timedelta(hours=24)

log = structlog.get_logger(__name__)


@shared_task(name="scheduling.tasks.sweep")
def sweep() -> None:
    """End what is over. One part that fails does not keep the others from their work."""
    now = timezone.now()
    parts = (
        *(pass_on, tell_on_call),  # somebody may be in danger
        *(expire_due, expire_offers, expire_clearances, release_uncleared, remind_of_pauses),
        close_unneeded,
        match_waitlist,  # after whatever gives back
    )
    for part in parts:
        try:
            part(now)
        except (DatabaseError, OSError):  # the mail server's refusals are OSErrors
            log.exception("sweep_failed", part=part.__name__)
    IdempotencyRecord.objects.filter(created_at__lt=now - IDEMPOTENCY_KEPT).delete()
    snapshots.prune_changes()


@shared_task(name="scheduling.tasks.answer_questions")
def answer_questions() -> None:
    """Play a manager's "what if", where one is asked: minutes of work, beside everything else."""
    answer_what_if(timezone.now())


@shared_task(name="scheduling.tasks.ask_for_forms")
def ask_for_forms() -> None:
    """Ask staff for the forms whose days have begun and for what is overdue before a session, and
    patients for a consent that is new."""
    now = timezone.now()
    open_due_forms(now)
    ask_again(now)
    chase_gates(now)


@shared_task(name="scheduling.tasks.improve_repairs")
def improve_repairs() -> None:
    """Look for better repairs of what is out, for a few seconds each."""
    improve_due(timezone.now())
