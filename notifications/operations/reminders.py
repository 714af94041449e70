"""A patient stops reminders, or wants them again. Their visits are not touched."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Patient
from accounts.operations import contact_consent
from scheduling.core.roles import Role
from scheduling.models import Site
from scheduling.operations import staff_tasks
from scheduling.operations.actor import Actor

STOPPED = "reminders_stopped"
"""The task that asks how else to remind them."""


def stop_reminders(*, patient: Patient, site: Site, now: datetime) -> None:
    """No more reminders, by mail or text. The front desk is told, once."""
    with transaction.atomic():
        if contact_consent.stop_reminders(patient=patient, now=now):
            staff_tasks.open_task(STOPPED, Role.FRONT_DESK, site=site, patient=patient, now=now)


def start_reminders(*, actor: Actor, patient: Patient, now: datetime) -> None:
    """Reminders again, and nothing is left to ask."""
    with transaction.atomic():
        if contact_consent.start_reminders(patient=patient):
            staff_tasks.settle(
                [STOPPED], actor=actor, outcome="started again", patient=patient, now=now
            )
