"""A patient says that what a repair changed suits them."""

from __future__ import annotations

from datetime import datetime

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.locks import lock_patient
from scheduling.models import Appointment, CarePlan
from scheduling.operations import atomic, eligibility, events
from scheduling.operations.actor import Actor
from scheduling.selectors.my_changes import ACCEPTED, my_changes


def accept_change(
    *, actor: Actor, about: CarePlan | Appointment, disruption: str, now: datetime
) -> None:
    """Record that the patient agrees to what they have seen; saying it again changes nothing.

    Raises Refused: NOT_ALLOWED; STALE where another repair, or none, stands there by now.
    """
    refusals = [
        one
        for one in eligibility.patient_refusals(actor, about.patient, "accept")
        if one.code == Code.NOT_ALLOWED
    ]
    if refusals:
        raise Refused(refusals)

    def work() -> None:
        lock_patient(about.patient_id)
        changed = my_changes(about)
        if changed is None or changed.disruption != disruption:
            raise Refused([refuse(Code.STALE, version=about.version)])
        if changed.accepted is None:
            plan = about if isinstance(about, CarePlan) else None
            visit = about if isinstance(about, Appointment) else None
            events.append(
                actor=actor,
                verb=ACCEPTED,
                appointment=visit,
                care_plan=plan,
                facts={"disruption": disruption},
                now=now,
            )

    atomic.run(work)
