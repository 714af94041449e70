"""Ask somebody in, by a link that works once: a colleague, or a patient to their record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts import tokens
from accounts.models import Invitation, InvitationPurpose, Patient, PatientStatus, User
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may

VALID = timedelta(days=7)
"""How long a link works. The clinic's own default."""
UNREACHABLE = (PatientStatus.DO_NOT_CONTACT, PatientStatus.DECEASED)


def invite_staff(
    *, actor: Actor, email: str, roles: Sequence[str], now: datetime
) -> tuple[Invitation, str]:
    """An invitation to work here, and the secret of its link: the only time it can be seen.

    An earlier one to the same address stops working. Raises Refused (NOT_ALLOWED).
    """
    user = _require(actor, Action.INVITE_STAFF)
    earlier = {"purpose": InvitationPurpose.STAFF, "email": email.lower()}

    def work() -> tuple[Invitation, str]:
        return _issue(user, earlier, {"roles": list(roles)}, actor, now)

    return atomic.run(work)


def invite_patient(
    *, actor: Actor, patient: Patient, email: str, now: datetime
) -> tuple[Invitation, str]:
    """An invitation to the patient's record, and the secret of its link.

    Earlier ones to the record stop working. Raises Refused: NOT_ALLOWED; WRONG_STATE for a record
    that has a login or no birth date, or whose patient must not be written to.
    """
    user = _require(actor, Action.INVITE_PATIENT)
    if not can_be_invited(patient):
        raise Refused([refuse(Code.WRONG_STATE, state=patient.status, action="invite")])
    earlier = {"purpose": InvitationPurpose.PATIENT, "patient": patient}

    def work() -> tuple[Invitation, str]:
        return _issue(user, earlier, {"email": email.lower()}, actor, now)

    return atomic.run(work)


def can_be_invited(patient: Patient) -> bool:
    """Whether a link to this record can work, and may be sent."""
    return (
        patient.user_id is None
        and patient.visitor_key is None
        and patient.birth_date is not None
        and patient.status not in UNREACHABLE
    )


def revoke_invitation(*, actor: Actor, invitation: Invitation, now: datetime) -> bool:
    """Take a link back. Whether it was still unused. Raises Refused (NOT_ALLOWED)."""
    staff = invitation.purpose == InvitationPurpose.STAFF
    _require(actor, Action.INVITE_STAFF if staff else Action.INVITE_PATIENT)

    def work() -> bool:
        unused = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
        revoked = bool(unused.update(revoked_at=now))
        if revoked:
            record("invitation_revoked", invitation, actor, now)
        return revoked

    return atomic.run(work)


def record(verb: str, invitation: Invitation, actor: Actor, now: datetime) -> None:
    """One line of history. It names no address."""
    facts = {"invitation": str(invitation.pk), "roles": invitation.roles}
    events.append(actor=actor, verb=verb, patient=invitation.patient, facts=facts, now=now)


def _issue(
    user: User, earlier: dict[str, Any], more: dict[str, Any], actor: Actor, now: datetime
) -> tuple[Invitation, str]:
    Invitation.objects.filter(**earlier, accepted_at=None, revoked_at=None).update(revoked_at=now)
    secret = tokens.new_token()
    invitation = Invitation.objects.create(
        **earlier,
        **more,
        hashed=tokens.digest(secret),
        created_by=user,
        expires_at=now + VALID,
    )
    record("invited", invitation, actor, now)
    return invitation, secret


def _require(actor: Actor, action: Action) -> User:
    if actor.user is None or not may(actor.user, action):
        roles = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action=action.value, role=roles)])
    return actor.user
