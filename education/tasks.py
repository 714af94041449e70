"""What time does by itself."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from education.operations.settle import settle_all


@shared_task(name="education.tasks.settle_readings")
def settle_readings() -> None:
    """Close the gates of sessions that were booked after their reading was done."""
    settle_all(timezone.now())
