"""Find lanes for new reservations, under the locks of their resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.round_trip import Rows, ask
from scheduling.core.lanes import LaneRow, choose_lanes
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import Appointment, Reservation

NEIGHBOURHOOD = timedelta(hours=24)
"""How far around a session its unit's reservations are read: a working day and its night."""

# One row per reservation of a wanted unit around a wanted time; the index on (resource, lane,
# during) answers each line of `wanted`.
AROUND = """
SELECT DISTINCT r.id, r.resource_id, r.lane,
       floor(extract(epoch FROM lower(r.during)))::bigint,
       ceil(extract(epoch FROM upper(r.during)))::bigint,
       r.appointment_id, r.expires_at, r.offer_id
FROM unnest(%(units)s::uuid[], %(lows)s::timestamptz[], %(highs)s::timestamptz[])
    AS wanted (unit, low, high)
JOIN scheduling_reservation r
    ON r.resource_id = wanted.unit AND r.during && tstzrange(wanted.low, wanted.high)
"""
OWN_EXPIRED = """
SELECT appointment_id FROM scheduling_patienttime
WHERE patient_id = %(patient)s AND expires_at <= %(now)s
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A unit to be taken by an appointment: `count` lanes of it for one period."""

    appointment: Appointment
    resource_id: UUID
    role: str
    start: datetime
    end: datetime
    count: int = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """A reservation that is there already, its period in POSIX seconds."""

    id: int
    resource_id: UUID
    lane: int
    start: int
    end: int
    appointment_id: UUID | None
    expires_at: datetime | None
    offer_id: UUID | None = None


def standing_around(
    wanted: Sequence[Wanted], patient_id: UUID, now: datetime
) -> tuple[list[Standing], set[UUID]]:
    """What is reserved of the wanted units near the wanted times, and the patient's own sessions
    (by id) whose hold is over. One round trip."""
    values = around_values(wanted) | {"patient": patient_id, "now": now}
    return read_standing(*ask([AROUND, OWN_EXPIRED], values))


def around_values(wanted: Iterable[Wanted]) -> dict[str, Any]:
    """The values of `AROUND`, for whoever asks it together with something else."""
    spans = {(line.resource_id, line.start, line.end) for line in wanted}
    return {
        "units": [unit for unit, _, _ in spans],
        "lows": [start - NEIGHBOURHOOD for _, start, _ in spans],
        "highs": [end + NEIGHBOURHOOD for _, _, end in spans],
    }


def read_standing(around: Rows, own_expired: Rows) -> tuple[list[Standing], set[UUID]]:
    """The answers to `AROUND` and `OWN_EXPIRED`."""
    return [Standing(*row) for row in around], {key for (key,) in own_expired}


def place(
    wanted: Sequence[Wanted], standing: Iterable[Standing], capacity: Mapping[UUID, int]
) -> list[Reservation]:
    """New reservations, unsaved, each with a lane of its own; existing ones move where they must.

    The caller holds the locks of the resources and has removed what is in the way. Raises Refused
    with TAKEN for every appointment that finds no lane.
    """
    by_unit: dict[UUID, list[Wanted]] = {}
    for line in wanted:
        by_unit.setdefault(line.resource_id, []).extend([line] * line.count)
    rows: dict[UUID, list[Standing]] = {unit: [] for unit in by_unit}
    for row in standing:
        rows[row.resource_id].append(row)
    placed: list[Reservation] = []
    moved: dict[object, int] = {}
    crowded: dict[UUID, Appointment] = {}
    for unit, lines in by_unit.items():
        lanes = choose_lanes(
            capacity[unit],
            [as_lane_row(row, lines) for row in rows[unit]],
            [(int(line.start.timestamp()), int(line.end.timestamp())) for line in lines],
        )
        if lanes is None:
            crowded |= {line.appointment.pk: line.appointment for line in lines}
            continue
        moved |= lanes.moved
        placed += [
            Reservation(
                resource_id=unit,
                lane=lane,
                during=DateTimeTZRange(line.start, line.end),
                role=line.role,
                appointment=line.appointment,
                expires_at=line.appointment.expires_at,
            )
            for line, lane in zip(lines, lanes.chosen, strict=True)
        ]
    if crowded:
        raise Refused(
            refuse(Code.TAKEN, step=one.step, start=one.start.isoformat())
            for one in crowded.values()
        )
    relabel(moved)
    return placed


def as_lane_row(row: Standing, lines: Iterable[Wanted]) -> LaneRow:
    """The row for choosing lanes; fixed where its neighbours may not all have been read."""
    around = NEIGHBOURHOOD.total_seconds()
    read = any(
        line.start.timestamp() - around <= row.start and row.end <= line.end.timestamp() + around
        for line in lines
    )
    return LaneRow(row.id, row.start, row.end, row.lane, fixed=not read)


def relabel(lanes: dict[object, int]) -> None:
    """Give reservations (by id) other lanes.

    Deleted and written anew, as the constraint looks at each row at once. Only what was really
    there comes back: somebody may be giving it up at this moment, without our lock.
    """
    if not lanes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM scheduling_reservation WHERE id = ANY(%s)"
            " RETURNING id, resource_id, during, role, appointment_id, group_session_id,"
            " offer_id, expires_at",
            [list(lanes)],
        )
        gone = cursor.fetchall()
    Reservation.objects.bulk_create(
        Reservation(
            id=key,
            resource_id=unit,
            lane=lanes[key],
            during=during,
            role=role,
            appointment_id=appointment,
            group_session_id=group_session,
            offer_id=offer,
            expires_at=expires_at,
        )
        for key, unit, during, role, appointment, group_session, offer, expires_at in gone
    )
