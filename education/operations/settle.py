"""Close the gates that wait for nothing but reading that is done."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db.models import F

from education.due import asked_by
from education.models import Page, Reading
from scheduling.models import Appointment, CarePlan, Gate, GateCode, GateStatus
from scheduling.operations import atomic, gates
from scheduling.operations.actor import Actor
from scheduling.operations.change import look_at_plan
from scheduling.selectors.protocols import definition_of


def settle(care_plan: CarePlan, actor: Actor, now: datetime) -> int:
    """Close what can be closed of one course; returns how many. Part of the caller's transaction,
    which has the course's row."""
    open_ones = Gate.objects.filter(
        appointment__care_plan=care_plan, code=GateCode.EDUCATION, status=GateStatus.OPEN
    ).select_related("appointment")
    if not open_ones:
        return 0
    protocol = definition_of(care_plan.protocol_version)
    clear = set(
        Reading.objects.filter(care_plan=care_plan, clear_at__isnull=False).values_list(
            "slug", flat=True
        )
    )
    there = set(Page.objects.exclude(published=None).values_list("slug", flat=True))
    closed = 0
    for gate in open_ones:
        session: Appointment = gate.appointment  # type: ignore[assignment]
        asked = there.intersection(asked_by(protocol, session.step))
        if asked and asked <= clear:
            gates.put(
                actor=actor,
                care_plan=care_plan,
                appointment=session,
                code=gates.GateCode.EDUCATION,
                status=GateStatus.CLOSED,
                now=now,
            )
            Appointment.objects.filter(pk=session.pk).update(version=F("version"))
            closed += 1
    if closed:
        CarePlan.objects.filter(pk=care_plan.pk).update(version=F("version"))
    return closed


def settle_all(now: datetime) -> int:
    """Sessions that were booked after their reading was done wait for it no longer."""
    waiting = CarePlan.objects.filter(
        status__in=("active", "on_hold"),
        appointments__gates__code=GateCode.EDUCATION,
        appointments__gates__status=GateStatus.OPEN,
        readings__clear_at__isnull=False,
    ).distinct()

    return sum(atomic.run(partial(_settle_one, plan, now)) for plan in waiting)


def _settle_one(care_plan: CarePlan, now: datetime) -> int:
    return settle(look_at_plan(care_plan, None), Actor.sweep(), now)
