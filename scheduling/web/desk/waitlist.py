"""The waitlist at the desk: who waits in which order, what is on offer, and how to steer it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from scheduling.core import walltime
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import (
    Event,
    OfferStatus,
    WaitlistEntry,
    WaitlistPriority,
    WaitlistStatus,
)
from scheduling.operations.actor import Actor
from scheduling.operations.answer_offer import accept_offer, decline_offer
from scheduling.operations.join_waitlist import leave_waitlist
from scheduling.operations.make_offer import make_offer, offer_course
from scheduling.operations.steer_waitlist import STEERED, reorder, set_priority, skip
from scheduling.permissions import Action
from scheduling.selectors.waitlist import shown_rows
from scheduling.selectors.waitlist_fit import fit
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.panel import render_panel
from scheduling.web.desk.sites import site_and_all
from scheduling.web.patient import month
from scheduling.web.patient.waitlist_words import waiting_row
from scheduling.web.tell import tell

SHOWN = 200
PRIORITIES = {
    WaitlistPriority.USUAL: gettext_lazy("usual"),
    WaitlistPriority.SOON: gettext_lazy("soon"),
    WaitlistPriority.URGENT: gettext_lazy("urgent"),
}
OFFERS = {
    OfferStatus.OFFERED: gettext_lazy("on offer"),
    OfferStatus.ACCEPTED: gettext_lazy("taken"),
    OfferStatus.DECLINED: gettext_lazy("declined"),
    OfferStatus.EXPIRED: gettext_lazy("no answer in time"),
    OfferStatus.WITHDRAWN: gettext_lazy("taken back"),
}
SKIPS = [
    ("1", gettext_lazy("until tomorrow")),
    ("7", gettext_lazy("for a week")),
    ("28", gettext_lazy("for four weeks")),
]


@for_whom_may(Action.STEER_WAITLIST)
@require_safe
def waitlist(request: HttpRequest) -> HttpResponse:
    """Everybody who waits, in the order in which they are asked."""
    site, sites = site_and_all(request)
    rows = shown_rows().filter(site=site, status=WaitlistStatus.WAITING)
    count = rows.count()
    context = {
        "site": site,
        "sites": sites,
        "count": count,
        "entries": [
            _row(one) | {"place": place} for place, one in enumerate(rows[:SHOWN], start=1)
        ],
    }
    return render_at(request, site, "scheduling/desk/waitlist.html", context)


@for_whom_may(Action.STEER_WAITLIST)
@require_safe
def entry(request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
    """One entry: what was offered, what could be, and the handles."""
    return _panel(request, _find(entry_id))


@for_whom_may(Action.STEER_WAITLIST)
@require_POST
def steer(request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
    """Priority, order, passing over, and the end of waiting."""
    found, now = _find(entry_id), timezone.now()
    actor = Actor.of(cast(User, request.user))
    what = request.POST.get("do", "")
    try:
        if what == "priority":
            written = request.POST.get("priority", "")
            set_priority(
                actor=actor,
                entry=found,
                priority=int(written) if written in {"0", "1", "2"} else -1,
                reason=request.POST.get("reason", "")[:300],
                now=now,
            )
        elif what in ("up", "down"):
            reorder(actor=actor, entry=found, up=what == "up", now=now)
        elif what == "skip":
            skip(actor=actor, entry=found, until=_until(request, found, now), now=now)
        elif what == "leave":
            leave_waitlist(actor=actor, entry=found, reason="clinic", now=now)
        else:
            raise Refused([refuse(Code.UNKNOWN, field="do", value=what)])
    except Refused as refused:
        tell(request, refused, found.site.timezone)
    else:
        messages.success(request, _("Recorded."))
    return redirect("waitlist-entry", entry_id)


@for_whom_may(Action.STEER_WAITLIST)
@require_POST
def offer(request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
    """Offer a start by hand; take the standing offer back, or answer it for who is on the phone."""
    found, now = _find(entry_id), timezone.now()
    actor = Actor.of(cast(User, request.user))
    standing = found.offers.filter(status=OfferStatus.OFFERED).first()
    try:
        if "start" in request.POST:
            start = _start(request)
            make_offer(actor=actor, entry=found, start=start, now=now)
            said = _("Offered. The time is held.")
        elif "course" in request.POST and found.protocol_version_id:
            made = offer_course(actor=actor, entry=found, now=now)
            said = _("Offered. The time is held.") if made else _("No whole course fits now.")
        elif standing is None:
            raise Refused([refuse(Code.OFFER_OVER)])
        elif "accept" in request.POST:
            accept_offer(actor=actor, offer=standing, now=now)
            said = _("Booked.")
        elif "decline" in request.POST:
            decline_offer(actor=actor, offer=standing, now=now)
            said = _("Declined. The next in turn is asked.")
        else:
            decline_offer(actor=actor, offer=standing, clinic=True, now=now)
            said = _("Taken back. The next in turn is asked.")
    except Refused as refused:
        tell(request, refused, found.site.timezone, found.care_plan)
    else:
        messages.success(request, said)
    return redirect("waitlist-entry", entry_id)


def _find(entry_id: uuid.UUID) -> WaitlistEntry:
    found = shown_rows().filter(pk=entry_id).first()
    if found is None:
        raise Http404
    return found


def _panel(request: HttpRequest, found: WaitlistEntry) -> HttpResponse:
    now = timezone.now()
    steered = Event.objects.filter(verb=STEERED, facts__entry=str(found.pk))
    waits = found.status == WaitlistStatus.WAITING
    row = _row(found)
    context: dict[str, Any] = {
        "entry": row,
        "found": found,
        "waits": waits,
        "patient": found.patient,
        "priorities": PRIORITIES.items(),
        "why": steered.exclude(reason="").order_by("-id").values_list("reason", flat=True).first(),
        "skips": SKIPS,
        "skipped": found.skip_until if found.skip_until and found.skip_until > now else None,
        "offers": [
            {"start": one.start, "at": one.made_at, "words": OFFERS[OfferStatus(one.status)]}
            for one in found.offers.all()
        ],
    }
    if waits and row["offer"] is None and found.protocol_version_id is None:
        around = found.appointment.start if found.appointment else now
        shown = month.asked_for(request, around=around, now=now, zone=found.site.timezone)
        try:
            starts = fit(found, shown.start, shown.end, now).starts
        except Refused as refused:
            tell(request, refused, found.site.timezone)
            starts = ()
        context["month"] = shown.context(starts)
        context["alone"] = True
    return render_panel(request, found.site, "scheduling/desk/waitlist_entry.html", context)


def _row(one: WaitlistEntry) -> dict[str, Any]:
    return waiting_row(one) | {
        "patient": one.patient,
        "priority": PRIORITIES[WaitlistPriority(one.priority)],
        "level": one.priority,
        "turn": one.turn,
        "asked": sum(offer.status != OfferStatus.OFFERED for offer in one.offers.all()),
        "skip_until": one.skip_until,
    }


def _until(request: HttpRequest, found: WaitlistEntry, now: datetime) -> datetime | None:
    """The morning until which nothing is offered; None to go on at once."""
    days = {value: int(value) for value, _words in SKIPS}.get(request.POST.get("days", ""))
    if days is None:
        return None
    zone = found.site.timezone
    return walltime.day_start(walltime.local_date(now, zone) + timedelta(days=days), zone)


def _start(request: HttpRequest) -> datetime:
    """Raises Refused (UNKNOWN) for what no button sent."""
    written = request.POST.get("start", "")
    try:
        start = parse_datetime(written)
    except ValueError:
        start = None
    if start is None or start.tzinfo is None or not 2000 < start.year < 2100:
        raise Refused([refuse(Code.UNKNOWN, field="start", value=written[:40])])
    return start
