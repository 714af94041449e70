"""Rows as JSON values, in the shapes of `shapes.py`. Instants stand in the site's own zone.

Each function says what must have been loaded; none of them queries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import Patient
from scheduling.api.problems import refusal_json
from scheduling.api.times import stamp, stamp_or_none
from scheduling.core.gates import Gate as GateName
from scheduling.core.refusals import Refusal
from scheduling.core.roles import Role
from scheduling.core.states import APPOINTMENT, BLOCKING, UPCOMING, AppointmentState
from scheduling.core.walltime import local_date
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    CarePlan,
    Clearance,
    Event,
    Gate,
    Reservation,
    Resource,
    ResourceKind,
    StaffTask,
)
from scheduling.operations.actor import Actor
from scheduling.selectors.clearance import is_untold
from scheduling.wording import gate_sentence

Json = dict[str, Any]

_RESERVATIONS = Prefetch(
    "reservations", Reservation.objects.select_related("resource").order_by("role", "lane", "id")
)


def load_appointments(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Everything `appointment_json` reads, in four queries however many rows there are."""
    return rows.select_related("service", "site", "care_plan").prefetch_related(
        _RESERVATIONS, "gates", "care_plan__gates"
    )


def load_care_plans(rows: QuerySet[CarePlan]) -> QuerySet[CarePlan]:
    """Everything `care_plan_json` reads, in five queries however many rows there are."""
    sessions = (
        Appointment.objects.select_related("service", "site")
        .prefetch_related(_RESERVATIONS, "gates")
        .order_by("start", "id")
    )
    return rows.select_related("site", "protocol_version").prefetch_related(
        Prefetch("appointments", sessions), "gates"
    )


def appointment_json(appointment: Appointment, actor: Actor, now: datetime) -> Json:
    """One session as `actor` may see it. Load it through `load_appointments`."""
    zone = appointment.site.timezone
    plan = appointment.care_plan
    return {
        "id": str(appointment.pk),
        "care_plan": str(plan.pk) if plan else None,
        "step": appointment.step or None,
        "patient": str(appointment.patient_id),
        "service": appointment.service_id,
        "site": appointment.site.slug,
        "mode": appointment.mode,
        "status": appointment.status,
        "reserved": _reserved(appointment, plan),
        "version": appointment.version,
        "sequence": appointment.sequence,
        "start": stamp(appointment.start, zone),
        "end": stamp(appointment.end, zone),
        "timezone": zone,
        "expires_at": stamp_or_none(appointment.expires_at, zone)
        if appointment.status == AppointmentStatus.HELD
        else None,
        "phases": _phases(appointment, zone),
        "participants": _participants(appointment, actor, now),
        "gates": [gate_json(gate, zone) for gate in _gates(appointment, plan)],
        "reason": appointment.reason,
        "late": appointment.late,
        "attendance": appointment.attendance,
        "allowed": allowed_actions(appointment, actor, now),
    }


def care_plan_json(
    plan: CarePlan, actor: Actor, now: datetime, warnings: Iterable[Refusal] = ()
) -> Json:
    """One course with all its sessions. Load it through `load_care_plans`."""
    zone = plan.site.timezone
    sessions = list(plan.appointments.all())
    for session in sessions:
        session.care_plan = plan
    return {
        "id": str(plan.pk),
        "protocol": plan.protocol_version.protocol_id,
        "protocol_version": plan.protocol_version.number,
        "blocks": plan.blocks,
        "patient": str(plan.patient_id),
        "site": plan.site.slug,
        "timezone": zone,
        "status": plan.status,
        "version": plan.version,
        "expires_at": stamp_or_none(plan.expires_at, zone) if plan.status == "held" else None,
        # A decline is told by a person first.
        "clearance": "pending" if not actor.staff and is_untold(plan) else plan.clearance,
        "clearance_until": _day(plan.clearance_until),
        "paused_until": _day(plan.paused_until),
        "reason": plan.reason,
        "sessions": [appointment_json(session, actor, now) for session in sessions],
        "gates": [gate_json(gate, zone) for gate in plan.gates.all() if not gate.appointment_id],
        "warnings": [refusal_json(warning, zone) for warning in warnings],
    }


def gate_json(gate: Gate, zone: str) -> Json:
    return {
        "code": gate.code,
        "status": gate.status,
        "due_at": stamp_or_none(gate.due_at, zone),
        "detail": gate_sentence(gate.code),
    }


def allowed_actions(appointment: Appointment, actor: Actor, now: datetime) -> list[str]:
    """What this person may try next: `reschedule`, `cancel`, or a state to move on to.

    A rule may still stand against it; that is only known when it is tried.
    """
    state = AppointmentState(appointment.status)
    if not actor.staff and (actor.patient_id != appointment.patient_id or appointment.start <= now):
        return []
    recovery = any(phase["name"] == "recover" for phase in appointment.phases)
    roles = {Role(role) for role in actor.roles}
    targets = {
        step.target
        for step in APPOINTMENT
        if step.source is state and step.roles & roles and step.recovery in (None, recovery)
    }
    actions = ["reschedule"] if state in UPCOMING else []
    if AppointmentState.CANCELLED in targets:
        actions.append("cancel")
    if actor.staff and state is not AppointmentState.HELD:
        actions += sorted(targets - {AppointmentState.CANCELLED})
    return actions


def event_json(event: Event, zone: str, actor: Actor) -> Json:
    """Load it with its actor. What staff wrote about a patient is for staff."""
    own = event.actor is not None and event.actor == actor.user
    return {
        "at": stamp(event.at, zone),
        "verb": event.verb,
        "actor": event.actor.name if event.actor and (actor.staff or own) else event.actor_label,
        "status_before": event.status_before,
        "status_after": event.status_after,
        "sequence": event.sequence,
        "reason": event.reason if actor.staff or own else "",
        "timezone": zone,
    }


def patient_json(patient: Patient) -> Json:
    return {
        "id": str(patient.pk),
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "preferred_name": patient.preferred_name,
        "birth_date": _day(patient.birth_date),
        "email": patient.email,
        "phone": patient.phone,
        "languages": patient.languages,
        "access_needs": patient.access_needs,
        "status": patient.status,
    }


def task_json(task: StaffTask) -> Json:
    """Load it with its site and owner."""
    zone = task.site.timezone
    return {
        "id": str(task.pk),
        "kind": task.kind,
        "role": task.role,
        "urgent": task.urgent,
        "patient": _id(task.patient_id),
        "care_plan": _id(task.care_plan_id),
        "appointment": _id(task.appointment_id),
        "due_at": stamp_or_none(task.due_at, zone),
        "owner": (task.owner.name or task.owner.email) if task.owner else None,
        "created_at": stamp(task.created_at, zone),
        "finished_at": stamp_or_none(task.finished_at, zone),
        "outcome": task.outcome,
        "note": task.note,
        "timezone": zone,
    }


def practitioners_json(units: Iterable[tuple[str, Any]], people: dict[str, Resource]) -> list[Json]:
    """Persons by role. `people` maps resource ids, as text, to rows; places are left out."""
    seen = dict.fromkeys((role, str(unit)) for role, unit in units if str(unit) in people)
    return [{"role": role, "id": unit, "name": people[unit].name} for role, unit in seen]


def people_of(site_id: Any, ids: Collection[str] | None = None) -> dict[str, Resource]:
    """The site's persons by id, in one query."""
    rows = Resource.objects.filter(site_id=site_id, kind=ResourceKind.PERSON)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return {str(row.pk): row for row in rows.only("id", "name")}


def _reserved(appointment: Appointment, plan: CarePlan | None) -> bool:
    cleared = plan is not None and plan.clearance in (Clearance.CLEARED, Clearance.CONDITIONAL)
    return appointment.treatment and appointment.status in UPCOMING and not cleared


def _phases(appointment: Appointment, zone: str) -> list[Json]:
    phases, begin = [], appointment.start
    for phase in appointment.phases:
        end = begin + timedelta(minutes=phase["minutes"])
        phases.append({"name": phase["name"], "start": stamp(begin, zone), "end": stamp(end, zone)})
        begin = end
    return phases


def _participants(appointment: Appointment, actor: Actor, now: datetime) -> list[Json]:
    site = appointment.site
    on_the_day = local_date(now, site.timezone) >= local_date(appointment.start, site.timezone)
    seen: dict[tuple[str, Any], Json] = {}
    for row in appointment.reservations.all():
        # Chairs of a kind are interchangeable until the day, and may be bound anew.
        place = row.resource.kind == ResourceKind.PLACE
        told = on_the_day and site.names_rooms if place else site.names_people
        named = actor.staff or told
        seen.setdefault(
            (row.role, row.resource_id),
            {
                "role": row.role,
                "resource": str(row.resource_id) if named else None,
                "name": row.resource.name if named else None,
                "lane": row.lane if actor.staff else None,
            },
        )
    return list(seen.values())


def _gates(appointment: Appointment, plan: CarePlan | None) -> list[Gate]:
    """The session's own gates; for a treatment also those closed once for its course."""
    gates = list(appointment.gates.all())
    if plan and appointment.treatment and appointment.status in BLOCKING:
        gates += [gate for gate in plan.gates.all() if not gate.appointment_id]
    order = list(GateName)
    return sorted(gates, key=lambda gate: order.index(GateName(gate.code)))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _id(key: Any) -> str | None:
    return str(key) if key else None
