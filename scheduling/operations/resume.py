"""Go on with a course that was on hold, and say when its time has come."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.core.states import CarePlanState
from scheduling.core.walltime import local_date
from scheduling.models import AppointmentStatus, CarePlan, CarePlanStatus
from scheduling.operations import atomic, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.change import change, look_at_plan
from scheduling.operations.complete import last_states
from scheduling.operations.pause import CALL_PATIENT, require_plan_step

REBOOK = "rebook_treatments"
PAUSE_OVER = "pause_over"


def resume(*, actor: Actor, care_plan: CarePlan, version: int | None, now: datetime) -> CarePlan:
    """Take the course off hold. Where treatment times were given back, the front desk is asked to
    book them again with the patient: a time nobody agreed to is no booking.

    Raises Refused: STALE, WRONG_STATE, NOT_ALLOWED.
    """

    def work() -> CarePlan:
        plan = look_at_plan(care_plan, version)
        # Other steps lead to `active` too: a hold is confirmed, a completion taken back.
        if plan.status != CarePlanStatus.ON_HOLD:
            raise Refused([refuse(Code.WRONG_STATE, state=plan.status, action="resume")])
        require_plan_step(plan, CarePlanState.ACTIVE, actor)
        before = plan.status
        change(plan, status=CarePlanState.ACTIVE.value, reason="", paused_until=None)
        wanted = steps_to_book(plan)
        if wanted:
            staff_tasks.open_task(
                REBOOK,
                Role.FRONT_DESK,
                site=plan.site,
                care_plan=plan,
                urgent=staff_tasks.treatment_soon(plan.patient_id, now),
                facts={"steps": wanted},
                now=now,
            )
        staff_tasks.settle(
            [PAUSE_OVER, CALL_PATIENT], actor=actor, outcome="resumed", care_plan=plan, now=now
        )
        events.append(
            actor=actor,
            verb="resumed",
            care_plan=plan,
            status_before=before,
            status_after=plan.status,
            facts={"steps_to_book": wanted},
            now=now,
        )
        return plan

    return atomic.run(work)


def steps_to_book(plan: CarePlan) -> list[str]:
    """Treatments of the course that were called off and have no time any more."""
    treatments = set(plan.appointments.filter(treatment=True).values_list("step", flat=True))
    return [
        step
        for step, state in last_states(plan).items()
        if step in treatments and state == AppointmentStatus.CANCELLED
    ]


def remind_of_pauses(now: datetime) -> int:
    """Ask for every pause whose last day is over what comes next; how many there are.

    For the sweep; may run twice. Nobody is forgotten on hold, and nobody is resumed unasked.
    """
    # A day of slack for zones; the site's own calendar decides.
    over = CarePlan.objects.filter(
        status=CarePlanStatus.ON_HOLD, paused_until__lt=(now + timedelta(days=1)).date()
    )
    found = 0
    for plan in over.select_related("site").order_by("pk"):
        if plan.paused_until is None or plan.paused_until >= local_date(now, plan.site.timezone):
            continue
        staff_tasks.open_task(PAUSE_OVER, Role.FRONT_DESK, site=plan.site, care_plan=plan, now=now)
        found += 1
    return found
