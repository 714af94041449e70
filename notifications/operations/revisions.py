"""How often the calendar of a course has changed: the `sequence` of what tells of all of it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import F, Sum

from scheduling.models import Appointment, AppointmentStatus

NEVER_BOOKED = (AppointmentStatus.HELD, AppointmentStatus.EXPIRED, AppointmentStatus.RELEASED)


def revisions(care_plans: Collection[UUID]) -> dict[UUID, int]:
    """By course the sum over its sessions of one more than their sequence. Sessions are never
    removed and their sequences only grow, so it grows with each move, cancellation and addition.
    One query."""
    rows = Appointment.objects.filter(care_plan__in=care_plans).exclude(status__in=NEVER_BOOKED)
    summed = rows.order_by().values_list("care_plan").annotate(total=Sum(F("sequence") + 1))
    return dict(summed)
