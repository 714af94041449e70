"""Weekly hours of a site, a person or a place: seen before, set whole, and whom it meets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.core.states import BLOCKING
from scheduling.core.walltime import local
from scheduling.locks import lock_hours
from scheduling.models import Appointment, Reservation, Resource, Site, WeeklyHours
from scheduling.operations import atomic, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may

OUTSIDE = "session_outside_hours"
Spans = tuple[tuple[time, time], ...]
Rules = Mapping[int, Spans]
"""Local spans by ISO weekday; a day without any is closed."""


def rules_of(owner: Site | Resource) -> dict[int, Spans]:
    """The rules as they stand, by weekday. One query."""
    rules: dict[int, list[tuple[time, time]]] = {day: [] for day in range(1, 8)}
    for rule in owner.hours.filter(valid_until=None, valid_from=None).order_by("start"):
        rules[rule.weekday].append((rule.start, rule.end))
    return {day: tuple(spans) for day, spans in rules.items()}


def mark_of(rules: Rules) -> str:
    """Another one for other rules: what somebody saw when they began to change them."""
    text = repr([(day, rules.get(day, ())) for day in range(1, 8)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def outside(owner: Site | Resource, rules: Rules, now: datetime) -> list[Appointment]:
    """The sessions ahead that would lie outside of these hours, in order. One query.

    A place without any rule of its own is open whenever its site is."""
    if isinstance(owner, Resource) and owner.kind != "person" and not any(rules.values()):
        return []
    if isinstance(owner, Site):
        rows = Appointment.objects.filter(site=owner, status__in=BLOCKING, start__gte=now)
        spans = {one: [(one.start, one.end)] for one in rows.select_related("patient", "site")}
        zone = owner.timezone
    else:
        zone = owner.site.timezone
        spans = {}
        taken = Reservation.objects.filter(
            resource=owner, appointment__status__in=BLOCKING, appointment__start__gte=now
        )
        for row in taken.select_related("appointment__patient", "appointment__site"):
            if row.appointment is not None:
                span = (row.during.lower, row.during.upper)
                spans.setdefault(row.appointment, []).append(span)
    met = [
        one
        for one, periods in spans.items()
        if not all(_within(low, high, rules, zone) for low, high in periods)
    ]
    return sorted(met, key=lambda one: (one.start, str(one.pk)))


def set_hours(
    *, actor: Actor, owner: Site | Resource, rules: Rules, seen: str, now: datetime
) -> list[Appointment]:
    """Replace the weekly rules that have no end. Nothing is moved: each session that then lies
    outside becomes a task of the desk; returns them.

    Raises Refused: NOT_ALLOWED but for managers, STALE where somebody else has set them since.
    """
    require_manager(actor, "set_hours")
    site = owner if isinstance(owner, Site) else owner.site

    def work() -> list[Appointment]:
        lock_hours(site.pk)  # no booking slips in beside the list
        if mark_of(rules_of(owner)) != seen:
            raise Refused([refuse(Code.STALE)])
        owner.hours.filter(valid_until=None, valid_from=None).delete()
        about = {"site": owner} if isinstance(owner, Site) else {"resource": owner}
        WeeklyHours.objects.bulk_create(
            WeeklyHours(weekday=day, start=start, end=end, **about)
            for day, spans in rules.items()
            for start, end in spans
        )
        met = outside(owner, rules, now)
        ask_about(met, site, now)
        facts = {"owner": str(owner.pk), "met": [str(one.pk) for one in met]}
        events.append(actor=actor, verb="hours_set", facts=facts, now=now)
        return met

    return atomic.run(work)


def ask_about(met: Sequence[Appointment], site: Site, now: datetime) -> None:
    """A task of the desk for each. Part of the caller's transaction."""
    for one in met:
        staff_tasks.open_task(
            OUTSIDE,
            Role.FRONT_DESK,
            site=site,
            appointment=one,
            urgent=one.start < now + timedelta(days=2),
            now=now,
        )


def require_manager(actor: Actor, action: str) -> None:
    """Raises Refused (NOT_ALLOWED) for anybody else."""
    if actor.user is None or not may(actor.user, Action.EDIT_CLINIC):
        roles = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action=action, role=roles)])


def _within(start: datetime, end: datetime, rules: Rules, zone: str) -> bool:
    low, high = local(start, zone), local(end, zone)
    return low.date() == high.date() and any(
        opens <= low.time() and high.time() <= closes
        for opens, closes in rules.get(low.isoweekday(), ())
    )
