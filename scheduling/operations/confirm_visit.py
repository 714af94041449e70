"""A held visit outside a course becomes booked."""

from __future__ import annotations

from datetime import datetime

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.walltime import local_date
from scheduling.models import Appointment, AppointmentStatus
from scheduling.operations import atomic, eligibility
from scheduling.operations.actor import Actor
from scheduling.operations.change import look_at_appointment
from scheduling.operations.confirm import book_held, keep_for_good
from scheduling.operations.opening_gates import open_gates
from scheduling.selectors import services


def confirm_visit(
    *, actor: Actor, appointment: Appointment, version: int | None, now: datetime
) -> Appointment:
    """Book what is held, and open its gates. A visitor signs in first (`claim`).

    Raises Refused: HOLD_EXPIRED, WRONG_STATE, STALE, NOT_ALLOWED, PATIENT_STATUS, TOO_YOUNG,
    NOT_CLEARED.
    """

    def work() -> Appointment:
        held = look_at_appointment(appointment, version)
        known = services.definitions()
        over = held.expires_at is not None and held.expires_at <= now
        if held.status == AppointmentStatus.EXPIRED or (
            held.status == AppointmentStatus.HELD and over
        ):
            expired_at = held.expires_at.isoformat() if held.expires_at else ""
            raise Refused([refuse(Code.HOLD_EXPIRED, expired_at=expired_at)])
        if held.status != AppointmentStatus.HELD or held.care_plan_id is not None:
            raise Refused([refuse(Code.WRONG_STATE, state=held.status, action="confirm")])
        service = known[held.service_id]
        today = local_date(now, held.site.timezone)
        refusals = [
            *eligibility.patient_refusals(actor, held.patient, "confirm"),
            *eligibility.single_refusals(actor, held.patient, service),
            *eligibility.age_refusals(held.patient, [service], today),
        ]
        if actor.user is None:
            refusals.append(refuse(Code.NOT_ALLOWED, action="confirm", role=actor.label))
        if refusals:
            raise Refused(refusals)
        keep_for_good([held.pk])
        [booked] = book_held([held.pk], actor=actor, now=now)
        open_gates([booked], known, now=now)
        return booked

    return atomic.run(work)
