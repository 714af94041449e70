"""Addresses to which nothing goes any more, and back."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import ContactConsent, ContactPurpose, Patient
from notifications.models import Suppression
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor

MAY_LIFT = (Role.FRONT_DESK, Role.MANAGER)


def suppress(address: str, reason: str) -> None:
    """Send nothing there any more. The first reason stands. Part of the caller's transaction."""
    row = Suppression(address=address, reason=reason)
    Suppression.objects.bulk_create([row], ignore_conflicts=True)  # suppression_once


def of_patient(patient: Patient) -> QuerySet[Suppression]:
    """Those that stand for the addresses of the patient. One query."""
    mail = {patient.email, patient.user.email if patient.user else ""} - {""}
    texted = ContactConsent.objects.filter(patient=patient, purpose=ContactPurpose.SMS_APPOINTMENTS)
    same = Q(address__in=texted.values("address"))
    for address in mail:
        same |= Q(address__iexact=address)
    return Suppression.objects.filter(same, lifted_at=None).order_by("created_at")


def lift(*, actor: Actor, patient: Patient, suppression: Suppression, now: datetime) -> None:
    """Send there again: the mailbox works once more, or its reader asked for it.

    Raises Refused: NOT_ALLOWED but for front desk and managers, and for numbers that were stopped
    by text: only that telephone starts them again; WRONG_STATE where it was lifted already, or is
    no address of this patient.
    """
    if not actor.has(*MAY_LIFT) or suppression.reason == "stop":
        roles = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action="lift_suppression", role=roles)])

    def work() -> None:
        if not of_patient(patient).filter(pk=suppression.pk).update(lifted_at=now):
            raise Refused([refuse(Code.WRONG_STATE, state="lifted", action="lift_suppression")])
        facts = {"reason": suppression.reason, "suppression": suppression.pk}
        events.append(actor=actor, verb="suppression_lifted", patient=patient, facts=facts, now=now)

    atomic.run(work)
