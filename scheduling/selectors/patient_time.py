"""What a patient already has: times in which they cannot come, and treatments to keep away from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.models import Patient
from accounts.round_trip import Rows, ask
from scheduling.core.treatments import YEAR_DAYS
from scheduling.core.wishes import PatientTime

Taken = tuple[int, int, bool, UUID | None]
"""A line of what a patient has: as `TAKEN` answers, and whose it is."""

LOOK_BACK = timedelta(days=2)
"""Nothing is planned before yesterday; what ended earlier stands in nobody's way."""

YEAR = timedelta(days=YEAR_DAYS)
"""Treatments count towards a protocol's yearly limit for so long."""

# As numbers: reading ranges and times costs several times what the question does.
TAKEN = """
SELECT floor(extract(epoch FROM lower(during)))::bigint,
       floor(extract(epoch FROM upper(during)))::bigint, true
FROM scheduling_patienttime
WHERE patient_id = %(patient)s AND upper(during) > %(since)s
    AND (expires_at IS NULL OR expires_at > %(now)s)
    AND NOT appointment_id = ANY(%(apart_from)s::uuid[])
UNION ALL
SELECT lower(days) - date '0001-01-01' + 1, upper(days) - lower(days), false
FROM scheduling_treatmentspacing
WHERE patient_id = %(patient)s AND upper(days) > %(last_year)s
    AND (expires_at IS NULL OR expires_at > %(now)s)
    AND (appointment_id IS NULL OR NOT appointment_id = ANY(%(apart_from)s::uuid[]))
"""


# The same for many patients at once.
TAKEN_BY_MANY = """
SELECT patient_id, floor(extract(epoch FROM lower(during)))::bigint,
       floor(extract(epoch FROM upper(during)))::bigint, true, appointment_id
FROM scheduling_patienttime
WHERE patient_id = ANY(%(patients)s::uuid[]) AND upper(during) > %(since)s
    AND (expires_at IS NULL OR expires_at > %(now)s)
UNION ALL
SELECT patient_id, lower(days) - date '0001-01-01' + 1, upper(days) - lower(days), false,
       appointment_id
FROM scheduling_treatmentspacing
WHERE patient_id = ANY(%(patients)s::uuid[]) AND upper(days) > %(last_year)s
    AND (expires_at IS NULL OR expires_at > %(now)s)
"""


def times_of(patients: Collection[UUID], now: datetime) -> dict[UUID, list[Taken]]:
    """`patient_time` of several patients, each line with the appointment it belongs to, for whoever
    leaves out those of one course after another. One query."""
    asked = {
        "patients": list(patients),
        "now": now,
        "since": now - LOOK_BACK,
        "last_year": (now - YEAR - LOOK_BACK).date(),
    }
    [rows] = ask([TAKEN_BY_MANY], asked)
    found: dict[UUID, list[Taken]] = {key: [] for key in patients}
    for patient, start, end, busy, appointment in rows:
        found[patient].append((start, end, busy, appointment))
    return found


def apart_from(taken: Iterable[Taken], appointments: Collection[UUID]) -> PatientTime:
    """One patient's lines of `times_of`, those of some appointments left out."""
    return read_taken([row[:3] for row in taken if row[3] not in appointments])


def patient_time(
    patient: Patient, now: datetime, *, apart_from: Collection[UUID] = ()
) -> PatientTime:
    """Everything the patient has from now on, and the treatments of the past year, at any site;
    holds that have expired left out.

    `apart_from` are appointments that are about to move, and so do not count. One query.
    """
    [rows] = ask([TAKEN], taken_values(patient, now, apart_from=apart_from))
    return read_taken(rows)


def taken_values(
    patient: Patient, now: datetime, *, apart_from: Collection[UUID] = ()
) -> dict[str, Any]:
    """The values of `TAKEN`, for whoever asks it together with something else."""
    return {
        "patient": patient.pk,
        "now": now,
        "since": now - LOOK_BACK,
        "last_year": (now - YEAR - LOOK_BACK).date(),
        "apart_from": list(apart_from),
    }


def read_taken(rows: Rows) -> PatientTime:
    """The answer to `TAKEN`: periods in POSIX seconds, treatments by ordinal day and days kept."""
    return PatientTime(
        busy=tuple(sorted((start, end) for start, end, busy in rows if busy)),
        treatments=tuple(sorted((day, days) for day, days, busy in rows if not busy)),
    )
