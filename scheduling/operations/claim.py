"""Somebody who held something as a visitor has signed in: the hold becomes theirs."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Patient, User
from scheduling.locks import lock_patient
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    CarePlan,
    CarePlanStatus,
    PatientTime,
    TreatmentSpacing,
)
from scheduling.operations import atomic, events, expire
from scheduling.operations.actor import Actor
from scheduling.operations.hold import live_holds


def claim(*, visitor_patient: Patient, user: User, now: datetime) -> Patient:
    """Move what the visitor holds to the user's own patient row and return that row.

    A user without one gets the visitor's. An older hold of the user is given back: one at a time.
    Holds that have ended meanwhile come along too.
    Does nothing for a row that was claimed already. Raises Refused where the user's own sessions
    stand in the way (PATIENT_BUSY, SPACING); the visitor then still has the hold.
    """

    def work() -> Patient:
        own = Patient.objects.filter(user=user).first()
        for patient_id in sorted({visitor_patient.pk, *([own.pk] if own else [])}):
            lock_patient(patient_id)
        visitor = Patient.objects.get(pk=visitor_patient.pk)
        if visitor.visitor_key is None:
            return own or visitor
        visitor.visitor_key = None
        if own is None:
            visitor.user = user
            visitor.email = visitor.email or user.email
            visitor.save(update_fields=["visitor_key", "user", "email"])
            return visitor
        visitor.save(update_fields=["visitor_key"])
        actor = Actor.of(user)
        _bring_ended(visitor, own, now)
        older = [hold.pk for hold in live_holds(own, now)]
        held = live_holds(visitor, now)
        if held:
            expire.release_plans(older, actor=actor, reason="replaced", now=now)
        ids = [one.pk for hold in held for one in hold.appointments.all()]
        visits = Appointment.objects.filter(
            patient=visitor, care_plan=None, status=AppointmentStatus.HELD, expires_at__gt=now
        )
        ids += visits.values_list("pk", flat=True)
        CarePlan.objects.filter(pk__in=[hold.pk for hold in held]).update(patient=own)
        Appointment.objects.filter(pk__in=ids).update(patient=own)
        for table in (PatientTime, TreatmentSpacing):
            table.objects.filter(appointment__in=ids).update(patient=own)
        events.append_all(
            events.entry(actor=actor, verb="claimed", care_plan=hold, patient=own, now=now)
            for hold in held
        )
        return own

    return atomic.run(work)


def _bring_ended(visitor: Patient, own: Patient, now: datetime) -> None:
    """What the visitor's browser may still show, such as a hold that ended while they signed in:
    its times can be taken again from there."""
    over = CarePlan.objects.filter(
        patient=visitor, status=CarePlanStatus.HELD, expires_at__lte=now
    ).values_list("pk", flat=True)
    single = Appointment.objects.filter(
        patient=visitor, care_plan=None, status=AppointmentStatus.HELD, expires_at__lte=now
    ).values_list("pk", flat=True)
    expire.end_holds(
        list(over),
        list(single),
        to=AppointmentStatus.EXPIRED,
        actor=Actor.sweep(),
        reason="",
        now=now,
    )
    ended = (AppointmentStatus.EXPIRED, AppointmentStatus.RELEASED)
    CarePlan.objects.filter(patient=visitor, status__in=ended).update(patient=own)
    Appointment.objects.filter(patient=visitor, status__in=ended).update(patient=own)
