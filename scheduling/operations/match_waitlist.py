"""What was given back finds who gains most from it: for the sweep, which may run twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from scheduling.core.refusals import Refused
from scheduling.core.walltime import day_start, local_date
from scheduling.locks import alone
from scheduling.models import (
    CarePlanStatus,
    OfferStatus,
    Resource,
    Site,
    WaitlistDay,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistStatus,
)
from scheduling.operations import atomic
from scheduling.operations.actor import Actor
from scheduling.operations.end_offers import end_offers
from scheduling.operations.join_waitlist import close_entry
from scheduling.operations.make_offer import make_offer, offer_course
from scheduling.selectors.waitlist import Match, entry_rows, lapsed, matching, out_on, waiting
from scheduling.selectors.waitlist_fit import fit
from scheduling.selectors.waitlist_timing import timing
from scheduling.snapshots import HORIZON_DAYS

DAYS_PER_SWEEP = 10
"""Of one site; the rest waits for the next sweep, a few seconds later."""
TRIED = 40
"""Entries that are looked at exactly for one day, from the first in turn on."""
COURSES_TRIED = 5
"""Whole courses that are searched for in one sweep of a site."""
BATCH = 50

TAKE = """
UPDATE scheduling_reservationchange SET looked = true
WHERE id IN (SELECT id FROM scheduling_reservationchange
    WHERE freed AND NOT looked ORDER BY id LIMIT 5000 FOR UPDATE SKIP LOCKED)
RETURNING resource, lower(during), upper(during)
"""
ASK = """
INSERT INTO scheduling_waitlistday (site_id, day, asked_at)
SELECT %s, unnest(%s::date[]), clock_timestamp()
ON CONFLICT (site_id, day) DO UPDATE SET asked_at = excluded.asked_at
"""


def match_waitlist(now: datetime) -> int:
    """Offer what was given back since the last look; return how many offers were made.

    Found in the trace that every committed change of reservations, hours and closures leaves, so
    no writer has to remember it. Nothing is offered while people sleep: the days wait.
    """
    note_freed_days(now)
    settle_answered(now)
    close_lapsed(now)
    return sum(offer_at(site, now) for site in Site.objects.filter(active=True).order_by("pk"))


def note_freed_days(now: datetime) -> int:
    """Turn changes nobody has looked at into days to look at, of sites where somebody waits;
    return how many days. Each change is taken once, whenever it committed."""
    waited = Site.objects.filter(
        pk__in=WaitlistEntry.objects.filter(status=WaitlistStatus.WAITING).values("site")
    )
    sites = {site.pk: site for site in waited}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE)
        changes = cursor.fetchall()
        if not changes or not sites:
            return 0
        where: dict[UUID, UUID] = dict(
            Resource.objects.filter(site__in=sites).values_list("pk", "site")
        )
        days: dict[UUID, set[date]] = {}
        for resource, low, high in changes:
            if resource is None:  # of the clinic itself: any day may have more room now
                for key, site in sites.items():
                    days.setdefault(key, set()).update(_horizon(site, now))
            elif resource in where:
                site = sites[where[resource]]
                today = local_date(now, site.timezone)
                days.setdefault(site.pk, set()).update(
                    day for day in _days(low, high, site.timezone) if day >= today
                )
        for key, of_site in days.items():
            cursor.execute(ASK, [key, sorted(of_site)])
    return sum(map(len, days.values()))


def settle_answered(now: datetime) -> None:
    """Offers of whole courses whose hold was confirmed or ended on its own page."""
    standing = WaitlistOffer.objects.filter(status=OfferStatus.OFFERED, care_plan__isnull=False)
    for one in standing.exclude(care_plan__status=CarePlanStatus.HELD).select_related("care_plan")[
        :BATCH
    ]:
        assert one.care_plan is not None  # noqa: S101 - for the type checker
        to = {
            CarePlanStatus.EXPIRED: OfferStatus.EXPIRED,
            CarePlanStatus.RELEASED: OfferStatus.DECLINED,
        }.get(CarePlanStatus(one.care_plan.status), OfferStatus.ACCEPTED)
        with transaction.atomic():
            WaitlistOffer.objects.select_for_update(no_key=True).get(pk=one.pk)
            if end_offers([one.pk], to=to, actor=Actor.sweep(), now=now) and (
                to == OfferStatus.ACCEPTED
            ):
                entries = WaitlistEntry.objects.filter(pk=one.entry_id)
                entries.update(status=WaitlistStatus.ACCEPTED)


def close_lapsed(now: datetime) -> None:
    """End entries for which nothing can be offered any more."""
    for entry in lapsed(now).select_related("patient", "care_plan", "appointment")[:BATCH]:
        atomic.run(
            lambda entry=entry: close_entry(  # type: ignore[misc]
                entry, WaitlistStatus.LAPSED, actor=Actor.sweep(), now=now
            )
        )


def offer_at(site: Site, now: datetime) -> int:
    """Offers for the days of one site that are to be looked at, nearest first. One look at a time:
    two would offer more at once than the site allows."""
    if not timing(site, now).waking.awake(now):
        return 0
    with alone(f"waitlist {site.pk}") as free:
        if not free:
            return 0
        today = local_date(now, site.timezone)
        WaitlistDay.objects.filter(site=site, day__lt=today).delete()
        asked = list(WaitlistDay.objects.filter(site=site).order_by("day")[:DAYS_PER_SWEEP])
        made = offer_courses(site, now) if asked else 0
        for one in asked:
            made += offer_day(site, one.day, now)
            # Whatever is given back from here on, by an answer too, asks anew.
            WaitlistDay.objects.filter(pk=one.pk, asked_at=one.asked_at).delete()
        return made


def offer_day(site: Site, day: date, now: datetime) -> int:
    """Offer what is free on a local day to who waits for it, in fair order, as many at once as the
    site allows; how many."""
    out = out_on(site, day, now)
    made = tried = 0
    begin = day_start(day, site.timezone)
    end = day_start(day + timedelta(days=1), site.timezone)
    for match in matching(site, day, now):
        if tried >= TRIED:
            break
        if out.get(match.service, 0) >= site.waitlist_at_once:
            continue
        tried += 1
        try:
            offered = _offer_first(match, begin, end, now)
        except Refused:
            continue  # somebody was quicker; the next in turn may still find room
        if offered:
            made += 1
            out[match.service] = out.get(match.service, 0) + 1
    return made


def _offer_first(match: Match, begin: datetime, end: datetime, now: datetime) -> bool:
    """Offer the first start that the entry wants and may have; whether there is one. Raises
    Refused."""
    entry, wanted = entry_rows().get(pk=match.entry), match.starts
    starts = (start for start in fit(entry, begin, end, now).starts if start in wanted)
    start = next(starts, None)
    if start is None:
        return False
    make_offer(actor=Actor.sweep(), entry=entry, start=start, now=now)
    return True


def offer_courses(site: Site, now: datetime) -> int:
    """Offer whole courses to who waits for one, in fair order. Of those with the same wishes, the
    second is not searched for where the first found nothing."""
    made = 0
    nothing: set[str] = set()
    entries: Iterable[WaitlistEntry] = waiting(site, now).filter(protocol_version__isnull=False)
    for entry in entries:
        wish = repr((entry.protocol_version_id, entry.blocks, entry.modes, entry.wishes))
        if wish in nothing or len(nothing) + made >= COURSES_TRIED:
            continue
        try:
            if offer_course(actor=Actor.sweep(), entry=entry, now=now):
                made += 1
            else:
                nothing.add(wish)
        except Refused:
            nothing.add(wish)
    return made


def _horizon(site: Site, now: datetime) -> list[date]:
    today = local_date(now, site.timezone)
    return [today + timedelta(days=n) for n in range(HORIZON_DAYS - 1)]


def _days(low: datetime, high: datetime, zone: str) -> list[date]:
    first, last = local_date(low, zone), local_date(high - timedelta(seconds=1), zone)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
