"""What time does to clearance: it ends, it is asked for in time, uncleared times are given back.

For the sweep, every few seconds: each plan is looked at without a lock first, and again under its
patient's lock only where something is to be done. Both functions may run twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from enum import Enum, auto

from django.db.models import Exists, OuterRef

from scheduling.core.reasons import Cancelled
from scheduling.core.refusals import Refused
from scheduling.core.roles import Role
from scheduling.core.walltime import local_date
from scheduling.models import Appointment, AppointmentStatus, CarePlan, Clearance, Event
from scheduling.operations import atomic, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.operations.call_off import ahead, call_off
from scheduling.operations.change import look_at_plan
from scheduling.operations.clear import CLEARANCE_DUE, HOLDS, LIVE, lose_clearance
from scheduling.protocols.services import service_from_json

END_WARNING = timedelta(days=7)
"""How long before its end a prescriber hears that a clearance ends. The clinic's own default."""
RELEASE_WARNING = timedelta(hours=48)
"""How long before uncleared times are given back staff are warned. The clinic's own default."""
LEAST_NOTICE = timedelta(hours=24)
"""Nothing is given back sooner than this after the warning, however late that came."""
AFTER_EVALUATION = timedelta(hours=4)
"""How long a prescriber has for the decision once the evaluation is over, even where the deadline
came before it. The clinic's own default."""
FAR = timedelta(days=14)
"""No treatment has a deadline and a warning further ahead of it than this."""

CLEARANCE_ENDS = "clearance_ends"
WARNED_END = "clearance_end_warned"
WARNED_RELEASE = "release_warned"


# --- The last day of a clearance ---------------------------------------------------------------


class End(Enum):
    """What is to be done about a clearance with a last day."""

    NOTHING = auto()
    WARN = auto()
    EXPIRE = auto()


def expire_clearances(now: datetime) -> int:
    """End clearances whose last local day is over, and warn of those that end soon while a
    treatment is still ahead; how many ended."""
    soon = (now + END_WARNING + timedelta(days=1)).date()
    plans = CarePlan.objects.filter(
        status__in=LIVE, clearance__in=HOLDS, clearance_until__lte=soon
    ).select_related("site")
    wanted = [plan for plan in plans.order_by("pk") if _end_of(plan, now) != End.NOTHING]
    return _each(wanted, lambda plan: _end(plan, now))


def _end_of(plan: CarePlan, now: datetime) -> End:
    if plan.clearance not in HOLDS or plan.status not in LIVE or plan.clearance_until is None:
        return End.NOTHING
    left = plan.clearance_until - local_date(now, plan.site.timezone)
    if left < timedelta():
        return End.EXPIRE
    if left > END_WARNING or not ahead(plan.pk, now).filter(treatment=True).exists():
        return End.NOTHING
    facts = {"until": plan.clearance_until.isoformat()}
    warned = Event.objects.filter(care_plan=plan, verb=WARNED_END, facts=facts)
    return End.NOTHING if warned.exists() else End.WARN


def _end(plan: CarePlan, now: datetime) -> int:
    what = _end_of(plan, now)
    if what == End.EXPIRE:
        lose_clearance(plan, Clearance.EXPIRED, actor=Actor.sweep(), now=now)
    elif what == End.WARN and plan.clearance_until is not None:
        facts = {"until": plan.clearance_until.isoformat()}
        _ask(CLEARANCE_ENDS, plan, now)
        events.append(actor=Actor.sweep(), verb=WARNED_END, care_plan=plan, facts=facts, now=now)
    return int(what == End.EXPIRE)


# --- Treatments that nobody cleared in time ----------------------------------------------------


def release_uncleared(now: datetime) -> int:
    """Give back treatments whose deadline for clearance has passed, and warn of deadlines to come;
    how many were given back.

    The deadline is the service's: so many hours before each treatment. Each goes at its own
    deadline, so that a clearance which comes late still finds the later ones.
    """
    near = Appointment.objects.filter(
        care_plan=OuterRef("pk"),
        treatment=True,
        status=AppointmentStatus.BOOKED,
        start__gt=now,
        start__lte=now + FAR,
    )
    plans = CarePlan.objects.filter(Exists(near), status__in=LIVE).exclude(clearance__in=HOLDS)
    wanted = [plan for plan in plans.order_by("pk") if any(_overdue(plan, now))]
    return _each(wanted, lambda plan: _release(plan, now))


def _overdue(plan: CarePlan, now: datetime) -> tuple[list[Appointment], list[Appointment]]:
    """Treatments to warn of, and treatments to give back."""
    if plan.clearance in HOLDS or plan.status not in LIVE:
        return [], []
    warned = {
        (facts["appointment"], facts["start"]): at
        for facts, at in Event.objects.filter(care_plan=plan, verb=WARNED_RELEASE).values_list(
            "facts", "at"
        )
    }
    warn, release = [], []
    treatments = ahead(plan.pk, now).filter(treatment=True, start__lte=now + FAR)
    for one in treatments.select_related("service"):
        deadline = one.start - _clearance_lead(one)
        warned_at = warned.get((str(one.pk), one.start.isoformat()))
        if warned_at is None and deadline - RELEASE_WARNING <= now:
            warn.append(one)
        elif warned_at is not None and max(deadline, warned_at + LEAST_NOTICE) <= now:
            release.append(one)
    # Nobody can decide before the evaluation, however near to the treatment it is.
    if release and not _could_decide(plan, now):
        release = []
    return warn, release


def _release(plan: CarePlan, now: datetime) -> int:
    warn, release = _overdue(plan, now)
    if warn:
        _ask(CLEARANCE_DUE, plan, now)
    events.append_all(
        events.entry(
            actor=Actor.sweep(),
            verb=WARNED_RELEASE,
            care_plan=plan,
            facts={"appointment": str(one.pk), "start": one.start.isoformat()},
            now=now,
        )
        for one in warn
    )
    given_back = call_off(
        Appointment.objects.filter(pk__in=[one.pk for one in release]),
        actor=Actor.sweep(),
        reason=Cancelled.NOT_CLEARED,
        now=now,
    )
    for one in given_back:
        staff_tasks.open_task(
            "rebook_session",
            Role.FRONT_DESK,
            site=plan.site,
            appointment=one,
            urgent=True,
            now=now,
        )
    return len(given_back)


def _could_decide(plan: CarePlan, now: datetime) -> bool:
    """Whether the evaluation, where one is still to come, has been over for long enough."""
    ahead_of_it = ("booked", "arrived", "in_progress")
    evaluations = plan.appointments.filter(service="evaluation", status__in=ahead_of_it)
    return not evaluations.filter(end__gt=now - AFTER_EVALUATION).exists()


def _clearance_lead(appointment: Appointment) -> timedelta:
    rules = service_from_json(appointment.service.definition).gates
    return timedelta(
        hours=next((rule.due_hours_before for rule in rules if rule.gate == "clearance"), 0)
    )


# --- Both --------------------------------------------------------------------------------------


def _each(plans: Iterable[CarePlan], step: Callable[[CarePlan], int]) -> int:
    """Do `step` for each plan as it is under its patient's lock; the sum of what it says."""
    done = 0
    for plan in plans:
        try:
            done += atomic.run(lambda seen=plan: step(look_at_plan(seen, None)))  # type: ignore[misc]
        except Refused:
            continue  # somebody is changing it: the next sweep looks again
    return done


def _ask(kind: str, plan: CarePlan, now: datetime) -> None:
    staff_tasks.open_task(
        kind,
        Role.PRESCRIBER,
        site=plan.site,
        care_plan=plan,
        urgent=staff_tasks.treatment_soon(plan.patient_id, now),
        now=now,
    )
