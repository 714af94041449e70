"""A colleague takes up an invitation, and gets the roles it names."""

from __future__ import annotations

from datetime import datetime

from accounts import addresses, tokens
from accounts.models import Invitation, InvitationPurpose, User
from scheduling.operations import atomic
from scheduling.operations.actor import Actor
from scheduling.operations.invite import record
from scheduling.permissions import Action, may


def find_invitation(secret: str, now: datetime) -> Invitation | None:
    """The invitation of that link, if it works. One from somebody who may not invite any more
    works no more either."""
    rows = Invitation.objects.select_related("created_by", "patient")
    found = rows.open_at(now).filter(hashed=tokens.digest(secret)).first()
    if found is None:
        return None
    staff = found.purpose == InvitationPurpose.STAFF
    action = Action.INVITE_STAFF if staff else Action.INVITE_PATIENT
    return found if may(found.created_by, action) else None


def accept_invitation(*, user: User, secret: str, now: datetime) -> bool:
    """Give the roles of the link to whoever shows that its address is theirs. Whether that was so.

    It works once, however often it is sent at the same moment.
    """

    def work() -> bool:
        found = find_invitation(secret, now)
        if found is None or not addresses.confirmed(user, found.email):
            return False
        if found.purpose != InvitationPurpose.STAFF:
            return False
        mine = Invitation.objects.open_at(now).filter(pk=found.pk)
        if not mine.update(accepted_at=now, accepted_by=user):
            return False
        fresh = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        fresh.roles = list(dict.fromkeys([*fresh.roles, *found.roles]))
        fresh.save(update_fields=["roles"])
        user.roles = fresh.roles
        record("invitation_accepted", found, Actor.of(user), now)
        return True

    return atomic.run(work)
