"""Two records of one person become one: seen before, recorded whole, and taken back whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model

from accounts.models import ContactConsent, Invitation, Patient
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.locks import lock_patient
from scheduling.models import (
    Appointment,
    CarePlan,
    Escalation,
    Event,
    PatientTime,
    StaffTask,
    TreatmentSpacing,
    WaitlistEntry,
    WaitlistStatus,
)
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.operations.join_waitlist import close_entry
from scheduling.permissions import Action, may

MERGED, UNMERGED = "patients_merged", "patients_unmerged"
TABLES: dict[str, type[Model]] = {
    "care_plans": CarePlan,
    "appointments": Appointment,
    "times": PatientTime,
    "spacings": TreatmentSpacing,
    "tasks": StaffTask,
    "waits": WaitlistEntry,
    "alerts": Escalation,
    "consents": ContactConsent,
    "invitations": Invitation,
}
"""What belongs to a patient. History stays where it was written, with both records."""
FILLED = ("preferred_name", "birth_date", "email", "phone", "may_tell")
"""What the record that stays takes over where it has none."""


def what_moves(duplicate: Patient) -> dict[str, int]:
    """How many rows of each kind a merge would move."""
    return {
        name: rows.filter(patient=duplicate).count()
        for name, rows in ((name, model._default_manager) for name, model in TABLES.items())
    }


def merge_patients(*, actor: Actor, keep: Patient, duplicate: Patient, now: datetime) -> Event:
    """Give everything of `duplicate` to `keep`; the duplicate is found no more.

    Raises Refused: NOT_ALLOWED, WRONG_STATE for one record twice, one that was merged already, or
    two that each sign in; PATIENT_BUSY or SPACING where their visits stand in each other's way.
    """
    _require(actor)

    def work() -> Event:
        first, second = _locked(keep, duplicate)
        both_sign_in = first.user_id is not None and second.user_id is not None
        merged = first.merged_into_id is not None or second.merged_into_id is not None
        if first.pk == second.pk or both_sign_in or merged:
            raise Refused([refuse(Code.WRONG_STATE, state="merged", action="merge")])
        _wait_once(first, second, actor, now)
        moved = {name: _keys(model, second) for name, model in TABLES.items()}
        active = set(
            ContactConsent.objects.filter(patient=first, withdrawn_at=None).values_list(
                "purpose", flat=True
            )
        )
        moved["consents"] = [
            one.pk
            for one in ContactConsent.objects.filter(pk__in=moved["consents"])
            if one.withdrawn_at is not None or one.purpose not in active
        ]
        _hand_over(moved, first)
        filled = {name: "" for name in FILLED if not getattr(first, name)}
        for name in filled:
            setattr(first, name, getattr(second, name))
        user = second.user
        second.user, second.merged_into = None, first
        second.save(update_fields=["user", "merged_into"])
        if user is not None:
            first.user = user
        first.save()
        facts: dict[str, Any] = {
            "duplicate": str(second.pk),
            "moved": {name: [str(key) for key in keys] for name, keys in moved.items() if keys},
            "filled": sorted(filled),
            "user": user is not None,
        }
        events.append(actor=actor, verb=MERGED, patient=first, facts=facts, now=now)
        return Event.objects.filter(patient=first, verb=MERGED).latest("id")

    return atomic.run(work)


def unmerge_patients(*, actor: Actor, merged: Event, now: datetime) -> Patient:
    """Take a merge back: what it moved goes back, what came later stays. Returns the record that
    is found again. Raises Refused: NOT_ALLOWED, WRONG_STATE where it was taken back already."""
    _require(actor)

    def work() -> Patient:
        duplicate = Patient.objects.get(pk=merged.facts["duplicate"])
        keep = Patient.objects.get(events=merged.pk)
        first, second = _locked(keep, duplicate)
        if second.merged_into_id != first.pk:
            raise Refused([refuse(Code.WRONG_STATE, state="apart", action="unmerge")])
        _hand_over(merged.facts["moved"], second)
        if merged.facts["user"]:
            user, first.user = first.user, None
            first.save(update_fields=["user"])
            second.user = user
        for name in merged.facts["filled"]:
            if getattr(first, name) == getattr(second, name):
                setattr(first, name, None if name == "birth_date" else "")
        first.save()
        second.merged_into = None
        second.save(update_fields=["user", "merged_into"])
        facts = {"duplicate": str(second.pk), "merge": merged.pk}
        events.append(actor=actor, verb=UNMERGED, patient=first, facts=facts, now=now)
        return second

    return atomic.run(work)


def merges_of(patient: Patient) -> list[Event]:
    """The merges that stand, newest first. Two queries."""
    apart = Event.objects.filter(patient=patient, verb=UNMERGED).values_list(
        "facts__merge", flat=True
    )
    rows = Event.objects.filter(patient=patient, verb=MERGED).exclude(pk__in=list(apart))
    return list(rows.order_by("-id"))


def _locked(keep: Patient, duplicate: Patient) -> tuple[Patient, Patient]:
    """Both, locked in the order in which everybody locks them."""
    rows = {key: lock_patient(key) for key in sorted({keep.pk, duplicate.pk})}
    return rows[keep.pk], rows[duplicate.pk]


def _wait_once(first: Patient, second: Patient, actor: Actor, now: datetime) -> None:
    """Of two entries of the waitlist for the same thing, that of the duplicate ends."""
    waits = WaitlistEntry.objects.filter(status=WaitlistStatus.WAITING, appointment=None)
    wishes = set(waits.filter(patient=first).values_list("service", "protocol_version"))
    for one in waits.filter(patient=second).select_related("patient", "care_plan"):
        if (one.service_id, one.protocol_version_id) in wishes:
            close_entry(one, WaitlistStatus.WITHDRAWN, actor=actor, reason="merged", now=now)


def _keys(model: type[Model], patient: Patient) -> list[Any]:
    return list(model._default_manager.filter(patient=patient).values_list("pk", flat=True))


def _hand_over(moved: dict[str, list[Any]], to: Patient) -> None:
    for name, keys in moved.items():
        TABLES[name]._default_manager.filter(pk__in=keys).update(patient=to)


def _require(actor: Actor) -> None:
    if actor.user is None or not may(actor.user, Action.INVITE_PATIENT):
        roles = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action="merge", role=roles)])
