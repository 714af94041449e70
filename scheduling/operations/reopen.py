"""End a closure: what it closed is open again, and nobody needs to look after its sessions."""

from __future__ import annotations

from datetime import datetime

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import Closure, StaffTask
from scheduling.operations import atomic
from scheduling.operations.actor import Actor
from scheduling.operations.close import AFFECTED, record, require_may_close


def reopen(*, actor: Actor, closure: Closure, now: datetime) -> None:
    """Take the closure away and settle its open tasks.

    Raises Refused: NOT_ALLOWED; WRONG_STATE where it was taken away already.
    """
    require_may_close(actor, "reopen")

    def work() -> None:
        removed, _ = Closure.objects.filter(pk=closure.pk).delete()
        if not removed:
            raise Refused([refuse(Code.WRONG_STATE, state="open", action="reopen")])
        StaffTask.objects.filter(
            kind=AFFECTED, finished_at=None, facts__closure=str(closure.pk)
        ).update(finished_at=now, outcome="reopened", owner=actor.user)
        record(closure, "reopened", actor, now)

    return atomic.run(work)
