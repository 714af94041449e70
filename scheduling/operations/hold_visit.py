"""Keep one time outside a course for a moment, while its patient signs in or thinks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from accounts.models import Patient
from scheduling.locks import lock_patient
from scheduling.models import Appointment, AppointmentStatus, Service, Site
from scheduling.operations import atomic, expire
from scheduling.operations.actor import Actor
from scheduling.operations.book import book_session
from scheduling.operations.hold import HOLD_MINUTES


def hold_visit(
    *,
    actor: Actor,
    patient: Patient,
    service: Service,
    site: Site,
    start: datetime,
    mode: str = "in_person",
    now: datetime,
) -> Appointment:
    """Hold a visit for a quarter of an hour; a hold of the same visit is returned as it is.

    A patient holds one visit at a time: older holds are given back first, for they may stand in
    the way of the new one. Raises Refused as `book_session` does.
    """
    mine = Appointment.objects.filter(
        patient=patient, care_plan=None, status=AppointmentStatus.HELD, expires_at__gt=now
    )
    same = mine.filter(service=service, site=site, start=start, mode=mode).first()
    if same is not None:
        return same
    older = list(mine.values_list("pk", flat=True))
    if older:
        atomic.run(lambda: _give_back(older, patient, actor, now))
    return book_session(
        actor=actor,
        patient=patient,
        service=service,
        site=site,
        start=start,
        mode=mode,
        now=now,
        hold_minutes=HOLD_MINUTES,
    )


def _give_back(older: Collection[UUID], patient: Patient, actor: Actor, now: datetime) -> None:
    lock_patient(patient.pk)
    held = Appointment.objects.filter(pk__in=older, status=AppointmentStatus.HELD)
    locked = held.select_for_update(no_key=True).order_by("pk")
    expire.end_holds(
        [],
        [one.pk for one in locked],
        to=AppointmentStatus.RELEASED,
        actor=actor,
        reason="replaced",
        now=now,
    )
