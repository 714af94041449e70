"""What a colleague is trusted with: given, changed, taken away."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from accounts.models import Role, User
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may


def set_roles(
    *,
    actor: Actor,
    colleague: User,
    roles: Collection[str],
    seen: Collection[str],
    now: datetime,
) -> None:
    """Give the colleague exactly these roles. Without any they open no page of the clinic any more.

    `seen` are the roles when the change was begun. Raises Refused: NOT_ALLOWED but for managers,
    and for one's own roles: nobody locks themselves out; UNKNOWN role; STALE.
    """
    allowed = actor.user is not None and may(actor.user, Action.INVITE_STAFF)
    if actor.user is None or not allowed or actor.user.pk == colleague.pk:
        names = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action="set_roles", role=names)])
    unknown = sorted(set(roles) - set(Role.values))
    if unknown:
        raise Refused([refuse(Code.UNKNOWN, field="roles", value=one) for one in unknown])

    def work() -> None:
        fresh = User.objects.select_for_update(no_key=True).get(pk=colleague.pk)
        if set(fresh.roles) != set(seen):
            raise Refused([refuse(Code.STALE)])
        facts = {"user": str(fresh.pk), "before": sorted(fresh.roles), "after": sorted(roles)}
        fresh.roles = sorted(roles)
        fresh.save(update_fields=["roles"])
        events.append(actor=actor, verb="roles_set", facts=facts, now=now)

    atomic.run(work)
