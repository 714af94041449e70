"""What has happened at the demo clinic already: past sessions take their course, in order."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Case, Count, Q, When

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    CarePlan,
    CarePlanStatus,
    Clearance,
    Gate,
    GateStatus,
    Site,
)
from scheduling.operations.actor import Actor
from scheduling.operations.gates import set_gate
from scheduling.operations.transition import transition

S = AppointmentStatus


def live_through(site: Site, users: dict[str, User], now: datetime) -> None:
    """Bring every session that is over by `now` to its end. Whoever was not cleared was not
    treated: that is recorded as it would have been."""
    staff = Actor.of(users["prescriber"])
    over = Appointment.objects.filter(site=site, status=S.BOOKED, end__lt=now).order_by("start")
    for appointment in over.select_related("care_plan", "patient", "site", "service"):
        try:
            attend(appointment, staff)
        except Refused:
            miss(appointment, staff)


def attend(appointment: Appointment, staff: Actor) -> None:
    """Arrive, have every gate closed, be treated, recover, go home."""
    close_gates(appointment, staff)
    recovery = sum(part["minutes"] for part in appointment.phases if part["name"] == "recover")
    steps = [(S.ARRIVED, appointment.start), (S.IN_PROGRESS, appointment.start)]
    if recovery:
        steps.append((S.RECOVERING, appointment.end - timedelta(minutes=recovery)))
    for status, at in [*steps, (S.FULFILLED, appointment.end)]:
        appointment.refresh_from_db()
        transition(
            actor=staff, appointment=appointment, to=status, version=appointment.version, now=at
        )


def close_gates(appointment: Appointment, staff: Actor) -> None:
    """Everything that had to be true before the session, but the prescriber's own decision."""
    plan = appointment.care_plan
    if plan is None or not appointment.treatment:
        return
    todo = Gate.objects.filter(
        Q(appointment=appointment) | Q(appointment=None, care_plan=plan), status=GateStatus.OPEN
    ).exclude(code="clearance")
    for gate in todo:
        plan.refresh_from_db()
        set_gate(
            actor=staff,
            care_plan=plan,
            appointment=appointment if gate.appointment_id else None,
            code=gate.code,
            status=GateStatus.CLOSED,
            version=plan.version,
            now=appointment.start,
        )


def miss(appointment: Appointment, staff: Actor) -> None:
    """The patient was there, and it did not take place."""
    appointment.refresh_from_db()
    transition(
        actor=staff,
        appointment=appointment,
        to=S.NOT_TREATED,
        reason="unwell",
        version=appointment.version,
        now=appointment.start,
    )


def in_the_middle(site: Site, now: datetime) -> CarePlan:
    """A course with visits behind it and most visits ahead of it, cleared where there is one."""
    ahead = Count("appointments", Q(appointments__status=S.BOOKED, appointments__start__gt=now))
    behind = Count("appointments", Q(appointments__status=S.FULFILLED))
    plans = CarePlan.objects.filter(site=site, status=CarePlanStatus.ACTIVE)
    begun = plans.annotate(ahead=ahead, behind=behind).filter(ahead__gt=0, behind__gt=0)
    uncleared = Case(When(clearance=Clearance.CLEARED, then=0), default=1)
    return begun.select_related("patient").order_by(uncleared, "-ahead", "created_at")[0]
