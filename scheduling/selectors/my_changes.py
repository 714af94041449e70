"""What a repair has changed for one patient, and whether they have said that it suits them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from scheduling.models import Appointment, CarePlan, Event

MOVES = ("moved", "rebound")
ACCEPTED = "change_accepted"


@dataclass(frozen=True, slots=True)
class Changed:
    """One session as it was and as it is. `mode`: how it is given from now on, where that is new;
    else empty. `since`: it was changed once more by somebody."""

    appointment: Appointment
    before: datetime
    after: datetime
    mode: str
    since: bool


@dataclass(frozen=True, slots=True)
class MyChanges:
    """The latest repair that touched a course or visit; `accepted` is when it was found to suit."""

    disruption: str
    changes: tuple[Changed, ...]
    accepted: datetime | None

    def ahead(self, now: datetime) -> bool:
        """Whether any of these sessions is still to come, where the repair put it."""
        return any(one.after > now and not one.since for one in self.changes)


def my_changes(about: CarePlan | Appointment) -> MyChanges | None:
    """What the last repair changed of a course, or of a visit outside one; None where none has, or
    where it was taken back. One query."""
    mine = Q(care_plan=about) if isinstance(about, CarePlan) else Q(appointment=about)
    events = Event.objects.filter(mine, verb__in=[*MOVES, ACCEPTED]).order_by("id")
    rows = list(events.select_related("appointment__service"))
    repairs = [row for row in rows if row.verb in MOVES and "disruption" in row.facts]
    if not repairs or repairs[-1].facts.get("undone"):
        return None
    key = repairs[-1].facts["disruption"]
    last = {row.appointment_id: row for row in rows if row.verb in MOVES}
    own = {row.appointment_id: row for row in repairs if row.facts["disruption"] == key}
    changes = [
        Changed(
            row.appointment,
            datetime.fromisoformat(row.facts["from"]),
            datetime.fromisoformat(row.facts["to"]),
            row.facts.get("mode", ""),
            last[row.appointment_id] is not row,
        )
        for row in own.values()
        if row.appointment is not None
    ]
    accepted = [
        row.at
        for row in rows
        if row.verb == ACCEPTED and row.facts["disruption"] == key and row.pk > repairs[-1].pk
    ]
    return MyChanges(
        key, tuple(sorted(changes, key=lambda one: one.after)), accepted[0] if accepted else None
    )
