"""A time that the waitlist has found: see it, take it or let it go, each with one tap."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from scheduling.core.gates import Gate
from scheduling.core.refusals import Code, Refused
from scheduling.models import OfferStatus, WaitlistOffer
from scheduling.operations.actor import Actor
from scheduling.operations.answer_offer import accept_offer, decline_offer
from scheduling.protocols.services import service_from_json
from scheduling.querysets import waitlist_offers_for
from scheduling.selectors.waitlist import shown_rows
from scheduling.web import words
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.waitlist_words import waiting_row


@login_required
@require_safe
def offer(request: HttpRequest, offer_id: uuid.UUID) -> HttpResponse:
    """The offer, as it stands."""
    return _page(request, _find(request, offer_id))


@login_required
@require_POST
def answer(request: HttpRequest, offer_id: uuid.UUID) -> HttpResponse:
    """`accept` books it; `decline` lets it go to the next. A second tap says what became of it."""
    found = _find(request, offer_id)
    actor, now = Actor.of(cast(User, request.user)), timezone.now()
    plan = found.entry.care_plan
    try:
        if "accept" in request.POST:
            booked = accept_offer(actor=actor, offer=found, now=now)
            messages.success(request, _("It is yours. What you see below is up to date."))
            if booked is None and found.care_plan_id:
                return redirect("plan", found.care_plan_id)
            if booked is not None and booked.care_plan_id is None:
                return redirect("visit-page", booked.pk)
            if plan is not None:
                return redirect("plan", plan.pk)
        elif "decline" in request.POST:
            decline_offer(actor=actor, offer=found, now=now)
            messages.success(request, _("The time goes to somebody else. You stay on the list."))
    except Refused as refused:
        if {one.code for one in refused.refusals} == {Code.OFFER_OVER}:
            return redirect("waitlist-offer", offer_id)  # which says so
        zone = found.entry.site.timezone
        sentences = words.about_a_time(refused.refusals, zone, words.in_course(plan))
        return _page(request, found, refusals=sentences)
    return redirect("waitlist-offer", offer_id)


def _find(request: HttpRequest, offer_id: uuid.UUID) -> WaitlistOffer:
    """Raises Http404 for what is not the reader's to answer."""
    rows = waitlist_offers_for(request.user).select_related("care_plan")
    found = rows.filter(pk=offer_id).first()
    if found is None:
        raise Http404
    found.entry = shown_rows().get(pk=found.entry_id)
    return found


def _page(
    request: HttpRequest, found: WaitlistOffer, refusals: list[str] | None = None
) -> HttpResponse:
    entry, now = found.entry, timezone.now()
    over = found.status != OfferStatus.OFFERED or found.expires_at <= now
    context: dict[str, Any] = {
        "offer": found,
        "entry": waiting_row(entry),
        "waits": entry.status == "waiting",
        "over": over,
        "accepted": found.status == OfferStatus.ACCEPTED,
        "session": entry.appointment,
        "plan": entry.care_plan,
        "safe": _asks_for_a_ride(found),
        "refusals": refusals or (),
        "site": entry.site,
    }
    return render_at(request, entry.site, "scheduling/patient/offer.html", context)


def _asks_for_a_ride(found: WaitlistOffer) -> bool:
    """Whether the patient must fast and be taken home."""
    service = found.entry.service
    if service is None:
        return False
    gates = {rule.gate for rule in service_from_json(service.definition).gates}
    return not gates.isdisjoint({Gate.RIDE, Gate.FASTING})
