"""End a closure: what it closed is open again, and nobody needs to look after its sessions."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import Closure, Disruption, StaffTask
from scheduling.operations import atomic
from scheduling.operations.actor import Actor
from scheduling.operations.close import AFFECTED, UNPLACED, record, require_may_close


def reopen(*, actor: Actor, closure: Closure, now: datetime) -> None:
    """Take the closure away and settle its open tasks, also those that a repair left: who found no
    place has their own back.

    Raises Refused: NOT_ALLOWED; WRONG_STATE where it was taken away already.
    """
    require_may_close(actor, "reopen")

    def work() -> None:
        repairs = Disruption.objects.filter(closure=closure).values_list("pk", flat=True)
        left = Q(kind=UNPLACED, facts__disruption__in=[str(key) for key in repairs])
        removed, _ = Closure.objects.filter(pk=closure.pk).delete()
        if not removed:
            raise Refused([refuse(Code.WRONG_STATE, state="open", action="reopen")])
        StaffTask.objects.filter(
            left | Q(kind=AFFECTED, facts__closure=str(closure.pk)), finished_at=None
        ).update(finished_at=now, outcome="reopened", owner=actor.user)
        record(closure, "reopened", actor, now)

    return atomic.run(work)
