"""Give back the treatment times of a course whose treatments will not happen; talk visits stay."""

from __future__ import annotations

from datetime import datetime

from scheduling.core.reasons import Cancelled
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import STAFF, Role
from scheduling.models import Appointment, CarePlan
from scheduling.operations import atomic
from scheduling.operations.actor import Actor
from scheduling.operations.call_off import ahead, call_off
from scheduling.operations.change import look_at_plan


def release_treatments(
    *,
    actor: Actor,
    care_plan: CarePlan,
    reason: Cancelled,
    note: str = "",
    now: datetime,
) -> list[Appointment]:
    """Cancel the booked treatments ahead.

    Evaluation, review and talk sessions are kept. Raises Refused (NOT_ALLOWED) for anybody but
    staff and the scheduler itself.
    """
    if not actor.has(*STAFF, Role.SYSTEM):
        roles = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action="release_treatments", role=roles)])

    def work() -> list[Appointment]:
        look_at_plan(care_plan, None)
        treatments = ahead(care_plan.pk, now).filter(treatment=True)
        return call_off(treatments, actor=actor, reason=reason, note=note, now=now)

    return atomic.run(work)
