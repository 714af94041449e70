"""The distance between treatments of one patient, in days of the site, as rows in the database.

Each treatment blocks the days `[its own, + spacing)`. Staff may override the distance to the next
treatment where the protocol allows: then the earlier range ends on the day of the next, and
`spacing` stands among the overrides of the earlier appointment. Never two on one day.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from scheduling.core.walltime import local_date
from scheduling.models import Appointment, TreatmentSpacing

OVERRIDE = "spacing"


def keep(patient_id: UUID, fresh: Collection[Appointment]) -> None:
    """Write the ranges of new or moved treatments, and bring the patient's others current: a range
    that was cut for a neighbour grows again when that one has gone.

    Raises IntegrityError (`treatment_spacing_kept`) where treatments are too close.
    """
    standing = list(
        TreatmentSpacing.objects.filter(patient_id=patient_id).select_related("appointment")
    )
    new = [
        TreatmentSpacing(
            patient_id=patient_id,
            appointment=one,
            days=DateRange(day_of(one), day_of(one)),
            expires_at=one.expires_at,
        )
        for one in fresh
    ]
    rows = sorted([*standing, *new], key=lambda row: row.days.lower)
    following = [*(row.days.lower for row in rows[1:]), date.max]
    shorter: list[TreatmentSpacing] = []
    longer: list[TreatmentSpacing] = []
    for row, next_day in zip(rows, following, strict=True):
        end = end_of(row, next_day)
        if row.pk is not None and end != row.days.upper:
            (shorter if end < row.days.upper else longer).append(row)
        row.days = DateRange(row.days.lower, end)
    # In this order no two ranges overlap at any moment.
    TreatmentSpacing.objects.bulk_update(shorter, ["days"])
    TreatmentSpacing.objects.bulk_create(new)
    TreatmentSpacing.objects.bulk_update(longer, ["days"])


def end_of(row: TreatmentSpacing, next_day: date) -> date:
    """The first day after the range. Imported history keeps the range it came with."""
    if row.appointment is None:
        return row.days.upper
    end = row.days.lower + timedelta(row.appointment.spacing_days)
    if OVERRIDE in row.appointment.overrides and row.days.lower < next_day:
        return min(end, next_day)
    return end


def override(appointment: Appointment) -> list[Appointment]:
    """Let a treatment stand closer to its neighbours than their spacing asks: cut the earlier one's
    range, and this one's own before the next. Returns the other appointments that were marked.

    To be called before `keep`, under the patient's lock.
    """
    day = day_of(appointment)
    marked = []
    rows = TreatmentSpacing.objects.filter(patient_id=appointment.patient_id)
    for row in rows.exclude(appointment=appointment).select_related("appointment"):
        if row.days.lower < day < row.days.upper:
            if row.appointment is None:
                row.days = DateRange(row.days.lower, day)
                row.save(update_fields=["days"])
            elif OVERRIDE not in row.appointment.overrides:
                row.appointment.overrides.append(OVERRIDE)
                row.appointment.save(update_fields=["overrides"])
                marked.append(row.appointment)
        elif (
            day < row.days.lower < day + timedelta(appointment.spacing_days)
            and OVERRIDE not in appointment.overrides
        ):
            appointment.overrides.append(OVERRIDE)
    return marked


def day_of(appointment: Appointment) -> date:
    """The site's local day of the appointment."""
    return local_date(appointment.start, appointment.site.timezone)
