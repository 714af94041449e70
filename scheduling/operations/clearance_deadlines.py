"""What time does to clearance: it ends, it is asked for in time, uncleared times are given back.

Three small batches for the sweep. Each may run twice, and skips what somebody else is changing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from scheduling.core.reasons import Cancelled
from scheduling.core.roles import Role
from scheduling.core.walltime import local_date
from scheduling.models import Appointment, AppointmentStatus, CarePlan, Clearance, Event
from scheduling.operations import atomic, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.call_off import ahead, call_off
from scheduling.operations.change import look_at_plan
from scheduling.operations.clear import CLEARANCE_DUE, HOLDS, LIVE, lose_clearance
from scheduling.protocols.services import service_from_json

BATCH = 50
END_WARNING = timedelta(days=7)
"""How long before its end a prescriber hears that a clearance ends. The clinic's own default."""
RELEASE_WARNING = timedelta(hours=48)
"""How long before uncleared times are given back staff are warned. The clinic's own default."""
LEAST_NOTICE = timedelta(hours=24)
"""Nothing is given back sooner than this after the warning, however late that came."""

WARNED_END = "clearance_end_warned"
WARNED_RELEASE = "release_warned"


def expire_clearances(now: datetime) -> int:
    """End clearances whose last local day is over, and warn of those that end soon; how many
    ended."""
    ended = 0
    soon = Q(clearance_until__lte=(now + END_WARNING + timedelta(days=1)).date())
    for plan in _live_plans().filter(soon, clearance__in=HOLDS):
        ended += atomic.run(lambda plan=plan: _expire_or_warn(plan, now))  # type: ignore[misc]
    return ended


def _expire_or_warn(seen: CarePlan, now: datetime) -> bool:
    plan = look_at_plan(seen, None)
    if plan.clearance not in HOLDS or plan.status not in LIVE or plan.clearance_until is None:
        return False
    today = local_date(now, plan.site.timezone)
    if plan.clearance_until < today:
        lose_clearance(plan, Clearance.EXPIRED, actor=Actor.sweep(), now=now)
        return True
    still_wanted = ahead(plan.pk, now).filter(treatment=True).exists()
    if still_wanted and plan.clearance_until - today <= END_WARNING:
        until = plan.clearance_until.isoformat()
        _warn_once(plan, WARNED_END, "clearance_ends", {"until": until}, now)
    return False


def release_uncleared(now: datetime) -> int:
    """Give back treatments whose deadline for clearance has passed, and warn of deadlines to come;
    how many were given back.

    The deadline is the service's: so many hours before each treatment. Each goes at its own
    deadline, so that a clearance which comes late still finds the later ones.
    """
    released = 0
    for plan in _uncleared(now):
        released += atomic.run(lambda plan=plan: _release_or_warn(plan, now))  # type: ignore[misc]
    return released


def _release_or_warn(seen: CarePlan, now: datetime) -> int:
    plan = look_at_plan(seen, None)
    if plan.clearance in HOLDS or plan.status not in LIVE:
        return 0
    treatments = ahead(plan.pk, now).filter(treatment=True).select_related("service")
    deadlines = {one.pk: one.start - _clearance_lead(one) for one in treatments}
    if not deadlines or min(deadlines.values()) - RELEASE_WARNING > now:
        return 0
    warned_at = _warn_once(plan, WARNED_RELEASE, CLEARANCE_DUE, {}, now)
    if warned_at + LEAST_NOTICE > now:
        return 0
    due = [key for key, deadline in deadlines.items() if deadline <= now]
    released = call_off(
        Appointment.objects.filter(pk__in=due),
        actor=Actor.sweep(),
        reason=Cancelled.NOT_CLEARED,
        now=now,
    )
    for one in released:
        staff_tasks.open_task(
            "rebook_session",
            Role.FRONT_DESK,
            site=plan.site,
            appointment=one,
            urgent=True,
            now=now,
        )
    return len(released)


def _clearance_lead(appointment: Appointment) -> timedelta:
    rules = service_from_json(appointment.service.definition).gates
    return timedelta(
        hours=next((rule.due_hours_before for rule in rules if rule.gate == "clearance"), 0)
    )


def _warn_once(
    plan: CarePlan, verb: str, kind: str, facts: dict[str, str], now: datetime
) -> datetime:
    """Open the task the first time; return when that was. A clearance that came and went is
    another matter, and is warned of anew."""
    about = Event.objects.filter(care_plan=plan, appointment=None)
    decided = about.filter(status_after__in=[*HOLDS]).order_by("id").values_list("id", flat=True)
    warnings = about.filter(verb=verb, facts=facts, id__gt=decided.last() or 0)
    if warned := warnings.order_by("id").first():
        return warned.at
    staff_tasks.open_task(
        kind,
        Role.PRESCRIBER,
        site=plan.site,
        care_plan=plan,
        urgent=staff_tasks.treatment_soon(plan.patient_id, now),
        facts=facts,
        now=now,
    )
    events.append(actor=Actor.sweep(), verb=verb, care_plan=plan, facts=facts, now=now)
    return now


def _live_plans() -> QuerySet[CarePlan]:
    return CarePlan.objects.filter(status__in=LIVE).order_by("pk")


def _uncleared(now: datetime) -> Iterator[CarePlan]:
    """Plans that wait for clearance and have a treatment in the coming two weeks: beyond any
    deadline and its warning."""
    treatment = Appointment.objects.filter(
        care_plan=OuterRef("pk"),
        treatment=True,
        status=AppointmentStatus.BOOKED,
        start__gt=now,
        start__lte=now + timedelta(days=14),
    )
    yield from _live_plans().exclude(clearance__in=HOLDS).filter(Exists(treatment))
