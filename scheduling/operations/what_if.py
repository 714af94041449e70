"""Ask what more people, places or groups would do, and play it in a worker. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from scheduling import snapshots
from scheduling.core.course import Course
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.walltime import local_date
from scheduling.core.whatif import Addition, Played, demand, play, with_additions
from scheduling.locks import alone
from scheduling.models import (
    CarePlan,
    ProtocolVersion,
    Scenario,
    ScenarioStatus,
    Site,
    WaitlistEntry,
    WaitlistStatus,
)
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may
from scheduling.selectors import courses

WEEKS = 8
MOST = 48
"""Patients that are played, twice."""
SECONDS = 30.0
"""How long each of the two plays may take; what has not been played by then is left out of both."""
RECENT = timedelta(weeks=8)
MOST_ADDED = 10


def ask_what_if(
    *, actor: Actor, site: Site, additions: Sequence[Addition], now: datetime
) -> Scenario:
    """Record the question for a worker. Raises Refused: NOT_ALLOWED, UNKNOWN."""
    refusals = []
    if actor.user is None or not may(actor.user, Action.VIEW_REPORTS):
        refusals.append(refuse(Code.NOT_ALLOWED, action="what_if", role=actor.label))
    for one in additions:
        if not 1 <= one.count <= MOST_ADDED or one.closes <= one.opens or not one.weekdays:
            refusals.append(refuse(Code.UNKNOWN, field="additions", value=one.role))
    if refusals or not additions:
        raise Refused(refusals or [refuse(Code.UNKNOWN, field="additions", value="")])
    return Scenario.objects.create(
        site=site, additions=[to_json(one) for one in additions], asked_by=actor.user, asked_at=now
    )


def answer_what_if(now: datetime) -> int:
    """Play the oldest open question; how many were answered. For a worker; may run twice."""
    asked = (
        Scenario.objects.filter(status=ScenarioStatus.ASKED)
        .select_related("site")
        .order_by("asked_at")
        .first()
    )
    if asked is None:
        return 0
    with alone(f"scenario {asked.pk}") as free:
        if not free:
            return 0
        # Outside any transaction: it takes a while, and reads a snapshot alone.
        result = played(asked.site, [from_json(one) for one in asked.additions], now)
        open_still = Scenario.objects.filter(pk=asked.pk, status=ScenarioStatus.ASKED)
        return open_still.update(result=result, status=ScenarioStatus.DONE, done_at=now)


def played(site: Site, additions: Sequence[Addition], now: datetime) -> dict[str, Any]:
    """Both plays, as plain values."""
    snapshot = snapshots.current(site, now)
    grid = snapshot.grid
    first = grid.day_of(local_date(now, site.timezone))
    rates = weekly_rates(site, now)
    arrivals = demand(rates, grid=grid, first_day=first, weeks=WEEKS, most=MOST)
    now_is = play(
        snapshot.availability, arrivals, first_day=first, weeks=WEEKS, go_on=_for(SECONDS)
    )
    same = arrivals[: len(now_is.waits)]
    could_be = play(
        with_additions(snapshot.availability, additions),
        same,
        first_day=first,
        weeks=WEEKS,
        go_on=_for(2 * SECONDS),
    )
    return {
        "patients": len(same),
        "left_out": len(arrivals) - len(same),
        "per_week": round(sum(rate for _, rate in rates), 2),
        "first": grid.date_of(first).isoformat(),
        "now": _plain(now_is),
        "then": _plain(could_be),
    }


def weekly_rates(site: Site, now: datetime) -> list[tuple[Course, float]]:
    """How often each kind of course was asked for in the last weeks: what was held or booked, and
    who waits for one and found none."""
    known = snapshots.current(site, now).services
    counted: dict[tuple[Any, tuple[str, ...]], int] = {}
    plans = CarePlan.objects.filter(site=site, created_at__gte=now - RECENT)
    waits = WaitlistEntry.objects.filter(
        site=site, status=WaitlistStatus.WAITING, protocol_version__isnull=False
    )
    for version, blocks in [
        *plans.values_list("protocol_version", "blocks"),
        *waits.values_list("protocol_version", "blocks"),
    ]:
        key = (version, tuple(blocks))
        counted[key] = counted.get(key, 0) + 1
    versions = ProtocolVersion.objects.in_bulk([version for version, _ in counted])
    weeks = RECENT / timedelta(weeks=1)
    return [
        (courses.course_from(versions[version], blocks=blocks, known=known), count / weeks)
        for (version, blocks), count in sorted(
            counted.items(), key=lambda item: (-item[1], str(item[0]))
        )
    ]


def to_json(one: Addition) -> dict[str, Any]:
    return {
        "role": one.role,
        "count": one.count,
        "weekdays": sorted(one.weekdays),
        "opens": one.opens,
        "closes": one.closes,
        "capacity": one.capacity,
        "person": one.person,
    }


def from_json(stored: Mapping[str, Any]) -> Addition:
    return Addition(**{**stored, "weekdays": frozenset(stored["weekdays"])})


def _for(seconds: float) -> Any:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() < until


def _plain(one: Played) -> dict[str, Any]:
    return {
        "waits": list(one.waits),
        "placed": one.placed,
        "median": one.median_wait,
        "used": {role: [round(share, 4) for share in shares] for role, shares in one.used.items()},
    }
