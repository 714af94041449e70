"""Somebody who found no time, or would rather talk, asks the front desk to call."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Patient
from scheduling.core.roles import Role
from scheduling.models import Site, StaffTask
from scheduling.operations import atomic
from scheduling.operations.staff_tasks import open_task

CALL_WANTED = "call_wanted"
ANSWER_WITHIN = timedelta(days=1)
"""The clinic's own default."""


def ask_to_call(*, patient: Patient, site: Site, name: str, phone: str, now: datetime) -> StaffTask:
    """A task of the front desk, with the name and number as they were given.

    Asking again while nobody has called changes the number, not the task. `patient` may be a
    visitor's row, which has neither.
    """

    def work() -> StaffTask:
        task = open_task(
            CALL_WANTED,
            Role.FRONT_DESK,
            site=site,
            patient=patient,
            due_at=now + ANSWER_WITHIN,
            now=now,
        )
        task.facts = {"name": name, "phone": phone}
        task.save(update_fields=["facts"])
        return task

    return atomic.run(work)
