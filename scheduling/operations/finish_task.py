"""End a staff task with its outcome, and do what was waiting for it."""

from __future__ import annotations

from datetime import datetime

from scheduling.core import reasons
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import StaffTask
from scheduling.operations import atomic
from scheduling.operations.actor import Actor
from scheduling.operations.escalate import URGENT_CALL
from scheduling.operations.release_treatments import release_treatments
from scheduling.operations.staff_tasks import require_may_work, state_of
from scheduling.selectors.clearance import TELL_DECLINE

TOLD = "told"
"""The outcome of `tell_decline`: the patient has heard it from a person."""


def finish(
    *, actor: Actor, task: StaffTask, outcome: str, note: str = "", now: datetime
) -> StaffTask:
    """Record the outcome. Once a patient was told of a decline, the treatment times go back.

    Raises Refused: NOT_ALLOWED, REASON_NEEDED without an outcome, WRONG_STATE where it ended
    already, or where it ends with something else.
    """
    require_may_work(actor, task)
    if not outcome.strip():
        raise Refused([refuse(Code.REASON_NEEDED, action="finish")])

    if task.kind == URGENT_CALL:  # ends with the alert, and so with what was done
        raise Refused([refuse(Code.WRONG_STATE, state=state_of(task), action="finish")])

    def work() -> StaffTask:
        ended = StaffTask.objects.filter(pk=task.pk, finished_at=None).update(
            finished_at=now, outcome=outcome.strip(), note=note, owner=actor.user
        )
        fresh = StaffTask.objects.select_related("care_plan").get(pk=task.pk)
        if not ended:
            raise Refused([refuse(Code.WRONG_STATE, state=state_of(fresh), action="finish")])
        if fresh.kind == TELL_DECLINE and fresh.outcome == TOLD and fresh.care_plan:
            release_treatments(
                actor=actor,
                care_plan=fresh.care_plan,
                reason=reasons.Cancelled.NOT_CLEARED,
                now=now,
            )
        return fresh

    return atomic.run(work)
