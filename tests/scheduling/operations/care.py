"""A course under way, and the people who look after it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import Patient
from scheduling.core.roles import Role
from scheduling.models import (
    Appointment,
    CarePlan,
    Gate,
    ProtocolVersion,
    Reservation,
    Service,
)
from scheduling.operations.actor import Actor
from tests.factories import (
    Clinic,
    make_appointment,
    make_care_plan,
    make_clinic,
    make_protocols,
    make_user,
)

EVERY_ROLE = ("patient", "front_desk", "nurse", "clinician", "prescriber", "manager", "system")


def load_clinic() -> Clinic:
    """The small clinic with the real services and protocols."""
    make_protocols()
    return make_clinic()


def actor(role: str) -> Actor:
    """Somebody of that role."""
    if role == Role.SYSTEM:
        return Actor.sweep()
    return Actor.of(make_user("", *([] if role == Role.PATIENT else [role])))


def make_course(patient: Patient, clinic: Clinic, **fields: object) -> CarePlan:
    """An active TRD course that a prescriber has cleared, without sessions yet."""
    version = ProtocolVersion.objects.get(protocol="trd_iv6")
    fields = {"protocol_version": version, "clearance": "cleared"} | fields
    return make_care_plan(patient, clinic.site, **fields)


def make_infusion(
    plan: CarePlan, clinic: Clinic, step: str, start: datetime, **fields: object
) -> Appointment:
    """An infusion of 130 minutes with nurse and chair; the chair is cleaned for 15 more."""
    infusion = make_appointment(
        plan.patient,
        Service.objects.get(slug="infusion"),
        clinic.site,
        start,
        [clinic.nurses[0], clinic.chairs[0]],
        minutes=130,
        care_plan=plan,
        step=step,
        **fields,
    )
    Reservation.objects.filter(resource=clinic.chairs[0], appointment=infusion).update(
        during=DateTimeTZRange(start, start + timedelta(minutes=145))
    )
    return infusion


def make_talk(plan: CarePlan, clinic: Clinic, step: str, start: datetime) -> Appointment:
    return make_appointment(
        plan.patient,
        Service.objects.get(slug="therapy"),
        clinic.site,
        start,
        [clinic.therapists[0], clinic.rooms[0]],
        care_plan=plan,
        step=step,
    )


def close_gates(infusion: Appointment, *, but: tuple[str, ...] = ()) -> None:
    """Close what an infusion waits for, save the gates named by `but`."""
    for code in ("clearance", "consent"):
        Gate.objects.update_or_create(
            care_plan=infusion.care_plan,
            appointment=None,
            code=code,
            defaults={"status": "open" if code in but else "closed"},
        )
    for code in ("screening", "ride", "fasting", "education"):
        Gate.objects.create(
            appointment=infusion, code=code, status="open" if code in but else "closed"
        )


def held_of(appointment: Appointment) -> dict[str, tuple[datetime, datetime]]:
    """What the appointment holds now: resource name to its period."""
    rows = Reservation.objects.filter(appointment=appointment).select_related("resource")
    return {row.resource.name: (row.during.lower, row.during.upper) for row in rows}
