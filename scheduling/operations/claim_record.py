"""A patient makes the record that the clinic began for them their own."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import F, ProtectedError

from accounts.models import Invitation, InvitationPurpose, Patient, User
from scheduling.core.roles import Role
from scheduling.models import Site
from scheduling.operations import atomic
from scheduling.operations.accept_invitation import find_invitation
from scheduling.operations.actor import Actor
from scheduling.operations.invite import record
from scheduling.operations.staff_tasks import open_task

CLAIM_LOCKED = "claim_locked"
"""Task of the front desk: a link was closed by wrong birth dates; find out who tried."""
RECORDS_TO_JOIN = "records_to_join"
"""Task of the front desk: the person has two records, and both hold something."""


class Claim(StrEnum):
    CLAIMED = "claimed"
    WRONG = "wrong"  # the date is not the one, and another try is left
    CLOSED = "closed"  # that was the last try
    GONE = "gone"  # no such link, or none that still works
    ANOTHER_RECORD = "another_record"  # a person has to join the two


def claim_record(*, user: User, secret: str, birth_date: date, now: datetime) -> Claim:
    """Tie the record of the link to the person who knows its birth date.

    Each date costs a try, the right one too. A record belongs to one person for good: of two who
    ask at the same moment one gets it. Raises Refused (BUSY).
    """

    def work() -> Claim:
        found = find_invitation(secret, now)
        if found is None or found.purpose != InvitationPurpose.PATIENT or found.patient is None:
            return Claim.GONE
        link = Invitation.objects.filter(pk=found.pk)
        if not link.open_at(now).update(tries_left=F("tries_left") - 1):  # locks the link
            return Claim.GONE
        actor = Actor.of(user)
        if found.patient.birth_date != birth_date:
            return _wrong(link.get(), actor, now)
        if not give_up_blank(user):
            _ask_the_desk(RECORDS_TO_JOIN, found.patient, now)
            return Claim.ANOTHER_RECORD
        if not take(found.patient, user):
            return Claim.GONE
        link.update(accepted_at=now, accepted_by=user)
        record("record_claimed", found, actor, now)
        return Claim.CLAIMED

    return atomic.run(work)


def take(patient: Patient, user: User) -> bool:
    """Write the person into the record, if nobody stands there yet."""
    return bool(Patient.objects.filter(pk=patient.pk, user=None).update(user=user))


def give_up_blank(user: User) -> bool:
    """Remove the record that signing up has made, where nothing hangs on it. Whether the person
    has none now."""
    try:
        with transaction.atomic():
            Patient.objects.filter(user=user).delete()
    except ProtectedError:
        return False
    return True


def _wrong(link: Invitation, actor: Actor, now: datetime) -> Claim:
    record("record_claim_failed", link, actor, now)
    if link.tries_left:
        return Claim.WRONG
    if link.patient is not None:
        _ask_the_desk(CLAIM_LOCKED, link.patient, now)
    return Claim.CLOSED


def _ask_the_desk(kind: str, patient: Patient, now: datetime) -> None:
    """A task at the clinic the patient goes to, or at the first one."""
    plan = patient.care_plans.select_related("site").order_by("-created_at").first()
    site = plan.site if plan else Site.objects.filter(active=True).order_by("slug").first()
    if site is not None:
        open_task(kind, Role.FRONT_DESK, site=site, patient=patient, now=now)
