"""A worker looks for better repairs, for a limited time, and keeps the best so far."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F, Q

from scheduling.core.repair_search import improve as improvements
from scheduling.models import Disruption, DisruptionStatus
from scheduling.operations import proposal
from scheduling.operations.disrupt import meet_again

CLAIM = timedelta(seconds=20)
"""A worker that has not come back by then is thought to be dead."""
EVERY_SECONDS = 0.5
"""Better ones that come sooner after one another are kept together."""


def improve_due(now: datetime, clock: Callable[[], float] = time.monotonic) -> None:
    """Search for each proposal that is still to be improved and that nobody has claimed."""
    open_ = Disruption.objects.filter(status=DisruptionStatus.PROPOSED, search_ended=False)
    for key in open_.order_by("created_at").values_list("pk", flat=True):
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        claimed = open_.filter(free, pk=key).update(claimed_until=now + CLAIM)
        if claimed:
            improve(Disruption.objects.select_related("site", "closure").get(pk=key), now, clock)


def improve(
    disruption: Disruption, now: datetime, clock: Callable[[], float] = time.monotonic
) -> None:
    """Search until `search_until`, counted from `now` by the clock (seconds), or until nothing
    better is in sight. What is written only ever gets cheaper, and nothing is once staff have
    changed what they ask for, or have taken the proposal."""
    ends = clock() + (disruption.search_until - now).total_seconds()
    own = Disruption.objects.filter(
        pk=disruption.pk, status=DisruptionStatus.PROPOSED, inputs=disruption.inputs
    )
    if disruption.closure is None or not disruption.proposal.get("affected"):
        own.update(search_ended=True)
        return
    met = meet_again(disruption, now)
    known = proposal.repair_of(met, disruption.proposal)
    written, best = clock(), None
    for best in improvements(met.shock, known=known, stop=lambda: clock() >= ends):
        if clock() - written >= EVERY_SECONDS:
            better = proposal.to_json(met, best, exclusions=disruption.exclusions, ways=False)
            _keep(disruption, better)
            written = clock()
    if best is not None:
        # With options, and so written even where the price is the same.
        _keep(disruption, proposal.to_json(met, best, exclusions=disruption.exclusions))
    own.update(search_ended=True)


def _keep(disruption: Disruption, better: proposal.Proposal) -> None:
    """Write it where it is cheaper than what is there, or says more at the same price."""
    worth_it = Q(cost__gt=better["cost"])
    if better["ways"]:
        worth_it |= Q(cost=better["cost"], proposal__ways=False)
    rows = Disruption.objects.filter(
        worth_it,
        pk=disruption.pk,
        status=DisruptionStatus.PROPOSED,
        inputs=disruption.inputs,
    )
    rows.update(proposal=better, cost=better["cost"], revision=F("revision") + 1)
