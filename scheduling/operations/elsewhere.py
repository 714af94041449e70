"""A visit outside a course could be at another site: which, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from scheduling.core.refusals import Refused
from scheduling.core.repair import Option
from scheduling.core.repair_options import Way
from scheduling.models import Appointment, Site
from scheduling.selectors.openings import openings

AROUND = timedelta(days=7)
"""How far from where the visit was."""


def at_another_site(visit: Appointment, soonest: datetime) -> Iterator[Way]:
    """The start nearest to the visit's own at each other site. A course has one site, so nothing
    for its sessions. One query, and those of `openings` for each site."""
    if visit.care_plan_id is not None:
        return
    for site in Site.objects.filter(active=True).exclude(pk=visit.site_id).order_by("slug"):
        try:
            found = openings(
                site=site,
                service=visit.service_id,
                mode=visit.mode,
                patient=visit.patient,
                start=max(visit.start - AROUND, soonest),
                end=visit.start + AROUND,
                staff=True,
                now=soonest,
            )
        except Refused:
            continue  # it is not given there
        if found:
            wanted = visit.start.timestamp()
            best = min(found, key=lambda one: (abs(one.start - wanted), one.start))
            yield Way(Option.OTHER_SITE, best.start, site=site.slug)
