"""Wake a worker for rows that have been committed. The rows are the queue: this only saves waiting
for the next sweep."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def nudge(task: str) -> None:
    """Send the task once this transaction has committed. A broker that is away harms nobody."""

    def send() -> None:
        try:
            current_app.send_task(task)
        except (OperationalError, OSError):
            log.warning("nudge_failed", task=task)

    transaction.on_commit(send)
