"""The visits of one day at one site, as the core puts them right after a delay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduling import snapshots
from scheduling.core.slip import Need, Outcome, Visit, comes_late, runs_over, slipping
from scheduling.core.states import BLOCKING
from scheduling.core.walltime import day_start, local_date
from scheduling.models import Appointment, AppointmentStatus
from scheduling.snapshots import Snapshot

RUNNING = frozenset(
    {AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS, AppointmentStatus.RECOVERING}
)
"""Who is here already: their visit may run over. Otherwise the patient may come late."""


@dataclass(frozen=True, slots=True)
class Delay:
    """What a delay of `minutes` of one visit does to its day."""

    appointment: Appointment
    minutes: int
    over: bool
    outcome: Outcome
    appointments: dict[str, Appointment]


def delay(appointment: Appointment, minutes: int, now: datetime) -> Delay:
    """What slips when the visit runs over by so many minutes, or its patient comes so late. Reads
    only; five queries."""
    snapshot = snapshots.current(appointment.site, now)
    zone = appointment.site.timezone
    day = local_date(appointment.start, zone)
    begin, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
    rows = list(
        Appointment.objects.filter(
            site=appointment.site, status__in=BLOCKING, start__gte=begin, start__lt=end
        )
        .exclude(expires_at__lte=now)
        .select_related("patient", "service", "site", "care_plan")
        .prefetch_related("reservations__resource")
    )
    over = appointment.status in RUNNING - {AppointmentStatus.ARRIVED}
    visits = []
    for row in rows:
        visit = _visit(row, snapshot, now)
        if row.pk == appointment.pk:
            visit = runs_over(visit, minutes) if over else comes_late(visit, minutes)
            visit = replace(visit, fixed=over)
        visits.append(visit)
    units = snapshot.units
    outcome = slipping(
        visits,
        capacity={name: unit.capacity for name, unit in units.items()},
        closes={
            name: max((high for low, high in unit.opens if low < end.timestamp()), default=0)
            for name, unit in units.items()
        },
    )
    return Delay(appointment, minutes, over, outcome, {str(row.pk): row for row in rows})


def _visit(row: Appointment, snapshot: Snapshot, now: datetime) -> Visit:
    start = int(row.start.timestamp())
    access = frozenset(row.patient.access_needs)
    needs = []
    for one in row.reservations.all():
        own = str(one.resource_id)
        likes = (
            [
                name
                for name, unit in snapshot.units.items()
                if not unit.person and one.role in unit.roles and access <= unit.features
                and name != own
            ]
            if one.resource.kind == "place"
            else []
        )  # fmt: skip
        low, high = (int(edge.timestamp()) - start for edge in (one.during.lower, one.during.upper))
        needs.append(Need((own, *likes), low, high))
    movable = row.status == AppointmentStatus.BOOKED and row.start > now
    late = row.status == AppointmentStatus.BOOKED and not movable
    return Visit(
        id=str(row.pk),
        start=start,
        minutes=int((row.end - row.start).total_seconds() // 60),
        needs=tuple(needs),
        earliest=max(start, int(now.timestamp())) if late else start,
        fixed=not movable and not late,
        patient=str(row.patient_id),
    )
