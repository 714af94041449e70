"""Whom the front desk calls because a message may be read too late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from notifications.core.due import NEAR
from scheduling.core.roles import Role
from scheduling.models import Appointment, StaffTask
from scheduling.operations.staff_tasks import open_task

TELL_CHANGE = "tell_change"
SETTLES = frozenset({"attendance_accepted", "arrived", "cancelled"})
"""The patient has answered, or stands at the desk, or there is nothing left to come to."""


def update(rows: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Ask the desk to call about every change by the clinic to a visit within a day, until the
    patient has answered. `rows` are events as `collect` reads them. Part of its transaction."""
    wanted: dict[Any, str] = {}
    settled = set()
    for row in rows:
        key = row["appointment_id"]
        if key is None:
            continue
        if row["verb"] in SETTLES:
            settled.add(key)
            wanted.pop(key, None)
        if row["verb"] in ("moved", "cancelled") and not row["by_patient"]:
            before = row["facts"].get("from")
            starts = [row["appointment__start"]]
            starts += [datetime.fromisoformat(before)] if before else []
            if any(row["at"] <= start < row["at"] + NEAR for start in starts):
                wanted[key] = row["verb"]
    if settled:
        StaffTask.objects.filter(
            kind=TELL_CHANGE, appointment__in=settled, finished_at=None
        ).update(finished_at=now, outcome="answered")
    for one in Appointment.objects.filter(pk__in=wanted).select_related("site"):
        open_task(
            TELL_CHANGE,
            Role.FRONT_DESK,
            site=one.site,
            appointment=one,
            urgent=True,
            due_at=min(one.start, now + NEAR) if one.start > now else now,
            facts={"change": wanted[one.pk]},
            now=now,
        )
