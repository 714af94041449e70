"""Keep one time outside a course for a moment, while its patient signs in or thinks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from accounts.models import Patient
from scheduling.core.refusals import Code, Refused
from scheduling.locks import lock_patient
from scheduling.models import Appointment, AppointmentStatus, Service, Site
from scheduling.operations import atomic, eligibility, expire
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
        atomic.run(lambda: _free(older, patient, actor, "replaced", now))
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


def give_back(*, actor: Actor, appointment: Appointment, now: datetime) -> None:
    """End the hold of a visit; where it has ended already, nothing happens. Raises Refused
    (NOT_ALLOWED) for somebody else's."""
    refusals = [
        one
        for one in eligibility.patient_refusals(actor, appointment.patient, "release")
        if one.code != Code.PATIENT_STATUS  # giving time back is never wrong
    ]
    if refusals:
        raise Refused(refusals)
    atomic.run(lambda: _free([appointment.pk], appointment.patient, actor, "", now))


def _free(
    visits: Collection[UUID], patient: Patient, actor: Actor, reason: str, now: datetime
) -> None:
    lock_patient(patient.pk)
    held = Appointment.objects.filter(pk__in=visits, care_plan=None, status=AppointmentStatus.HELD)
    locked = held.select_for_update(no_key=True).order_by("pk")
    expire.end_holds(
        [],
        [one.pk for one in locked],
        to=AppointmentStatus.RELEASED,
        actor=actor,
        reason=reason,
        now=now,
    )
