"""When an offer ends, and how much time it leaves to get ready."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.gates import Gate
from scheduling.core.waking import Waking
from scheduling.models import Site

SAFE_GATES = frozenset({Gate.RIDE, Gate.FASTING})
"""What a patient needs hours for before a session."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When an offer that is made now would end, by the site's waking hours."""

    waking: Waking
    expires_at: datetime
    lead: timedelta

    def soonest(self, definition: ServiceDefinition) -> datetime:
        """The first start that leaves, once the offer has ended, the service's own lead time, and
        hours to fast and to find a ride home where it asks for these."""
        lead = timedelta(hours=definition.lead_hours)
        if not SAFE_GATES.isdisjoint(rule.gate for rule in definition.gates):
            lead = max(lead, self.lead)
        return self.expires_at + lead


def timing(site: Site, now: datetime) -> Timing:
    """The site's rules for offers made now."""
    waking = Waking(site.timezone, site.waking_from, site.waking_until)
    minutes = timedelta(minutes=site.waitlist_minutes)
    lead = timedelta(hours=site.waitlist_lead_hours)
    return Timing(waking, waking.after(now, minutes), lead)
