"""Disruptions as they are looked at."""

from __future__ import annotations

from datetime import datetime

from scheduling.models import Disruption, DisruptionStatus, Site

SHOWN = 20


def state_of(disruption: Disruption) -> str:
    """`proposed`, `applied`, or `withdrawn` where its closure was taken away before."""
    if disruption.closure_id is None and disruption.status == "proposed":
        return "withdrawn"
    return str(disruption.status)


def progress(disruption: Disruption, now: datetime) -> float:
    """The share of the search's time that is over, 0 to 1; 1 where it has ended."""
    whole = (disruption.search_until - disruption.search_began).total_seconds()
    if disruption.search_ended or whole <= 0:
        return 1.0
    over = (now - disruption.search_began).total_seconds() / whole
    return round(min(max(over, 0.0), 1.0), 2)


def undecided(site: Site, now: datetime) -> list[Disruption]:
    """Proposals of the site that nobody has taken yet and whose time is not over; not those that
    meet no session. One query."""
    rows = Disruption.objects.filter(
        site=site,
        status=DisruptionStatus.PROPOSED,
        closure__isnull=False,
        during__endswith__gt=now,
    ).exclude(proposal__affected=[])
    return list(rows.select_related("resource", "site").order_by("during")[:SHOWN])
