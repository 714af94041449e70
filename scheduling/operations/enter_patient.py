"""Enter a patient at the desk, change what is known of them, note that they showed who they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from accounts.models import ContactPurpose, Patient
from accounts.operations import contact_consent
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.models import Site, StaffTask
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.operations.staff_tasks import open_task

CALL_BACK = "call_back"
EDITABLE = (
    "given_name",
    "family_name",
    "preferred_name",
    "birth_date",
    "email",
    "phone",
    "may_tell",
)
IDENTIFIERS = frozenset({"birth_date", "phone", "email", "address"})
NEEDED = 2


def enter_patient(*, actor: Actor, said: Mapping[str, Any], now: datetime) -> Patient:
    """A new record without a login. Raises Refused (NOT_ALLOWED) but for staff."""
    _require_staff(actor, "enter_patient")

    def work() -> Patient:
        patient = Patient.objects.create(**{name: said[name] for name in EDITABLE if name in said})
        events.append(actor=actor, verb="patient_entered", patient=patient, now=now)
        return patient

    return atomic.run(work)


def edit_patient(
    *, actor: Actor, patient: Patient, said: Mapping[str, Any], now: datetime
) -> Patient:
    """Write what has changed; history keeps which fields, not what they were: it is never erased.
    Another telephone ends a yes to texts at the one before, which may be somebody else's by now.
    Raises Refused (NOT_ALLOWED) but for staff."""
    _require_staff(actor, "edit_patient")

    def work() -> Patient:
        fresh = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        changed = [one for one in EDITABLE if one in said and said[one] != getattr(fresh, one)]
        for name in changed:
            setattr(fresh, name, said[name])
        if "phone" in changed:
            contact_consent.withdraw(
                patient=fresh, purpose=ContactPurpose.SMS_APPOINTMENTS, now=now
            )
        if changed:
            fresh.save(update_fields=changed)
            facts = {"fields": changed}
            events.append(actor=actor, verb="patient_edited", patient=fresh, facts=facts, now=now)
        return fresh

    return atomic.run(work)


def identify(*, actor: Actor, patient: Patient, by: Collection[str], now: datetime) -> None:
    """Note by which two things a caller has shown who they are. Raises Refused: NOT_ALLOWED,
    REASON_NEEDED for fewer than two."""
    _require_staff(actor, "identify")
    known = sorted(IDENTIFIERS.intersection(by))
    if len(known) < NEEDED:
        raise Refused([refuse(Code.REASON_NEEDED, action="identify")])
    facts = {"by": known}
    atomic.run(
        lambda: events.append(actor=actor, verb="identified", patient=patient, facts=facts, now=now)
    )


def call_back(
    *, actor: Actor, patient: Patient, site: Site, note: str, due_at: datetime, now: datetime
) -> StaffTask:
    """Ask the desk to call on a day, with a note. While one call is open further notes join it, and
    the earliest day counts. Raises Refused: NOT_ALLOWED, REASON_NEEDED without a note."""
    _require_staff(actor, CALL_BACK)
    if not note.strip():
        raise Refused([refuse(Code.REASON_NEEDED, action=CALL_BACK)])

    def work() -> StaffTask:
        task = open_task(
            CALL_BACK, Role.FRONT_DESK, site=site, patient=patient, due_at=due_at, now=now
        )
        task = StaffTask.objects.select_for_update(no_key=True).get(pk=task.pk)
        task.facts = {"notes": [*task.facts.get("notes", ()), note.strip()]}
        task.due_at = min(task.due_at or due_at, due_at)
        task.save(update_fields=["facts", "due_at"])
        return task

    return atomic.run(work)


def _require_staff(actor: Actor, action: str) -> None:
    if not actor.staff:
        raise Refused([refuse(Code.NOT_ALLOWED, action=action, role=actor.label)])
