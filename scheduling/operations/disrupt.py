"""Somebody or something is out: close it at once, and propose what becomes of its sessions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from scheduling import snapshots
from scheduling.core.clinic import Booking
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.repair import Option, Pin
from scheduling.core.repair_options import alternatives
from scheduling.core.repair_search import first
from scheduling.core.repair_table import Place
from scheduling.models import Closure, Disruption, DisruptionStatus, Resource, Site
from scheduling.nudge import nudge
from scheduling.operations import atomic, events, proposal
from scheduling.operations.actor import Actor
from scheduling.operations.close import affected_by, close, period_refusals, require_may_close
from scheduling.operations.shock import Met, closed_spans, meet
from scheduling.selectors.disruptions import state_of

SEARCH = timedelta(seconds=10)
"""How long a worker looks for something better."""
IMPROVE = "scheduling.tasks.improve_repairs"
FEW = 6
"""Up to so many sessions without a place are told their options at once; the worker tells all."""


def disrupt(
    *,
    actor: Actor,
    site: Site | None = None,
    resource: Resource | None = None,
    start: datetime,
    end: datetime,
    reason: str,
    now: datetime,
) -> Disruption:
    """Close exactly one of `site` and `resource`, and propose a complete repair; front desk and
    managers. Nothing is moved yet; a worker goes on looking for something better.

    Raises Refused as `close` does: NOT_ALLOWED, UNKNOWN, IN_THE_PAST.
    """
    require_may_close(actor, "disrupt")
    if actor.user is None:
        raise ValueError("somebody says that it is out")
    user = actor.user
    refusals = period_refusals(start, end, now)
    if refusals:
        raise Refused(refusals)
    place = resource.site if resource else site
    if place is None or (site is not None and resource is not None):
        raise ValueError("either a site or a resource is out")
    # Without locks: nobody has to wait at the site while a repair is thought out.
    snapshot = snapshots.current(place, now)
    unsaved = Closure(site=site, resource=resource, during=DateTimeTZRange(start, end))
    spans = closed_spans(unsaved, snapshot)
    affected = affected_by(unsaved, place, known=snapshot.services, units=snapshot.units.values())
    met = meet(affected, snapshot, closed=spans, now=now)
    proposed = _propose(met)

    def work() -> Disruption:
        closed = close(
            actor=actor,
            site=site,
            resource=resource,
            start=start,
            end=end,
            reason=reason,
            seen=snapshot,
            now=now,
        )
        seen = {one.pk: one.version for one in met.affected}
        if {one.pk: one.version for one in closed.affected} == seen:
            found = proposed
        else:  # somebody booked or moved meanwhile
            found = _propose(meet(closed.affected, snapshots.current(place, now), now=now))
        disruption = Disruption.objects.create(
            site=place,
            resource=resource,
            closure=closed.closure,
            during=closed.closure.during,
            reason=reason,
            proposal=found,
            cost=found["cost"],
            search_began=now,
            search_until=now + SEARCH,
            search_ended=not found["cost"] and found["ways"],
            created_by=user,
        )
        events.append(
            actor=actor,
            verb="disrupted",
            reason=reason,
            facts={"disruption": str(disruption.pk), "closure": str(closed.closure.pk)},
            now=now,
        )
        nudge(IMPROVE)
        return disruption

    return atomic.run(work)


def meet_again(disruption: Disruption, now: datetime) -> Met:
    """What the disruption meets now. Its closure stands."""
    closure = disruption.closure
    assert closure is not None  # noqa: S101 - asked before
    snapshot = snapshots.current(disruption.site, now)
    return meet(
        affected_by(closure, disruption.site, known=snapshot.services),
        snapshot,
        pins=pins_of(disruption),
        exclusions=disruption.exclusions,
        now=now,
    )


def pins_of(disruption: Disruption) -> Mapping[UUID, Pin]:
    """What staff fixed, by appointment."""
    return {
        UUID(key): Pin(
            one["start"],
            one.get("units", {}),
            Option(one["option"]) if one.get("option") else None,
            tuple(Booking(*span) for span in one.get("opens", ())),
        )
        for key, one in disruption.pins.items()
    }


def propose(met: Met, disruption: Disruption) -> proposal.Proposal:
    """A first repair of what it meets now, no worse than what still holds of the one before."""
    known = proposal.repair_of(met, disruption.proposal)
    found = first(met.shock, known=known)
    ways = len(found.unplaced) <= FEW
    return proposal.to_json(met, found, exclusions=disruption.exclusions, ways=ways)


def _propose(met: Met) -> proposal.Proposal:
    found = first(met.shock)
    return proposal.to_json(met, found, ways=len(found.unplaced) <= FEW)


def other_places(disruption: Disruption, appointment: UUID, now: datetime) -> list[Place] | None:
    """Where else one affected session could go, cheapest first; None where it is not one that the
    repair may move."""
    require_open(disruption, "look")
    met = meet_again(disruption, now)
    key = next((key for key, row in met.appointments.items() if row.pk == appointment), None)
    repair = proposal.repair_of(met, disruption.proposal)
    if key is None or not any(key[1] in c.affected for c in met.shock.courses if c.id == key[0]):
        return None
    return alternatives(met.shock, repair, key)


def require_open(disruption: Disruption, action: str) -> None:
    """Raises Refused (WRONG_STATE) unless it is proposed and its closure stands."""
    state = state_of(disruption)
    if state != DisruptionStatus.PROPOSED:
        raise Refused([refuse(Code.WRONG_STATE, state=state, action=action)])
