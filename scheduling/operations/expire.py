"""Holds end by themselves. What has ended and was not swept yet counts as free everywhere."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from scheduling.models import Appointment, AppointmentStatus, CarePlan, CarePlanStatus
from scheduling.operations import atomic, events, write
from scheduling.operations.actor import Actor

BATCH = 50


def expire_due(now: datetime) -> int:
    """End holds that are over, a small batch; return how many. Skips what others are ending."""

    def work() -> int:
        plans = CarePlan.objects.filter(status=CarePlanStatus.HELD, expires_at__lte=now)
        ended = plans.select_for_update(skip_locked=True, no_key=True).order_by("pk")[:BATCH]
        plan_ids = [plan.pk for plan in ended]
        alone = Appointment.objects.filter(
            status=AppointmentStatus.HELD, expires_at__lte=now, care_plan=None
        )
        ended_alone = alone.select_for_update(skip_locked=True, no_key=True, of=("self",))
        single_ids = [one.pk for one in ended_alone.order_by("pk")[:BATCH]]
        end_holds(
            plan_ids,
            single_ids,
            to=AppointmentStatus.EXPIRED,
            actor=Actor.sweep(),
            reason="",
            now=now,
        )
        return len(plan_ids) + len(single_ids)

    return atomic.run(work)


def drop_expired(appointments: Collection[UUID], now: datetime) -> None:
    """End the expired holds to which these appointments (by id) belong, whole courses each.

    Part of the caller's transaction; waits for somebody who is ending one of them already.
    """
    if not appointments:
        return
    found = Appointment.objects.filter(pk__in=appointments, status=AppointmentStatus.HELD)
    holds = set(found.values_list("care_plan_id", "pk"))
    plans = CarePlan.objects.filter(
        pk__in={plan for plan, _ in holds if plan},
        status=CarePlanStatus.HELD,
        expires_at__lte=now,
    )
    single = Appointment.objects.filter(
        pk__in={one for plan, one in holds if not plan},
        status=AppointmentStatus.HELD,
        expires_at__lte=now,
    )
    end_holds(
        [plan.pk for plan in plans.select_for_update(no_key=True).order_by("pk")],
        [one.pk for one in single.select_for_update(no_key=True).order_by("pk")],
        to=AppointmentStatus.EXPIRED,
        actor=Actor.sweep(),
        reason="",
        now=now,
    )


def release_plans(plans: Collection[UUID], *, actor: Actor, reason: str, now: datetime) -> None:
    """Give held courses (by id) back, in the caller's transaction, under the patient's lock."""
    held = CarePlan.objects.filter(pk__in=plans, status=CarePlanStatus.HELD)
    end_holds(
        [plan.pk for plan in held.select_for_update(no_key=True).order_by("pk")] if plans else [],
        [],
        to=AppointmentStatus.RELEASED,
        actor=actor,
        reason=reason,
        now=now,
    )


def end_holds(
    plans: Collection[UUID],
    single: Collection[UUID],
    *,
    to: AppointmentStatus,
    actor: Actor,
    reason: str,
    now: datetime,
) -> None:
    """Turn held courses and single appointments into `to` (expired or released) and free what they
    block. The caller has locked the rows and seen that they are held."""
    if not plans and not single:
        return
    held = Appointment.objects.filter(status=AppointmentStatus.HELD)
    ended = list(held.filter(Q(care_plan__in=plans) | Q(pk__in=single)))
    ids = [one.pk for one in ended]
    CarePlan.objects.filter(pk__in=plans).update(status=to.value, reason=reason)
    Appointment.objects.filter(pk__in=ids).update(status=to, reason=reason)
    write.give_back(ids)
    events.append_all(
        events.entry(
            actor=actor,
            verb=to.value,
            appointment=one,
            status_before=AppointmentStatus.HELD,
            status_after=to,
            reason=reason,
            now=now,
        )
        for one in ended
    )
