"""Disruptions as they are looked at."""

from __future__ import annotations

from datetime import datetime

from scheduling.models import Disruption


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
