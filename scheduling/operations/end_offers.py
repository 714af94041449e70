"""An offer is over: whatever it held is free again, and that is recorded."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from scheduling.models import Event, OfferStatus, Reservation, WaitlistOffer
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor

BATCH = 50


def expire_offers(now: datetime) -> int:
    """End the offers of one session whose time is over, a small batch; return how many. Each entry
    waits on; what was held is matched again. Skips what others are ending. An offered course ends
    with its hold."""

    def work() -> int:
        over = WaitlistOffer.objects.filter(
            status=OfferStatus.OFFERED, expires_at__lte=now, care_plan=None
        )
        rows = over.select_for_update(skip_locked=True, no_key=True).order_by("pk")[:BATCH]
        return end_offers(
            [one.pk for one in rows], to=OfferStatus.EXPIRED, actor=Actor.sweep(), now=now
        )

    return atomic.run(work)


def drop_expired_offers(offers: Collection[UUID], now: datetime) -> None:
    """End the expired ones among these (by id). Part of the caller's transaction; waits for
    somebody who is answering one of them already."""
    if not offers:
        return
    over = WaitlistOffer.objects.filter(
        pk__in=offers, status=OfferStatus.OFFERED, expires_at__lte=now
    )
    rows = over.select_for_update(no_key=True).order_by("pk")
    end_offers([one.pk for one in rows], to=OfferStatus.EXPIRED, actor=Actor.sweep(), now=now)


def end_offers(
    offers: Collection[UUID],
    *,
    to: OfferStatus,
    actor: Actor,
    reason: str = "",
    now: datetime,
) -> int:
    """Turn standing offers (by id) into `to` and free what they hold; how many there were.

    The caller has locked the rows. A held course is not ended here: it has its own end.
    """
    if not offers:
        return 0
    rows = WaitlistOffer.objects.filter(pk__in=offers, status=OfferStatus.OFFERED)
    ended = list(rows.select_related("entry"))
    ids = [one.pk for one in ended]
    rows.update(status=to, reason=reason, answered_at=now)
    Reservation.objects.filter(offer__in=ids).delete()
    events.append_all(
        offer_event(one, f"waitlist_{to.value}", actor=actor, reason=reason, now=now)
        for one in ended
    )
    return len(ended)


def offer_event(
    offer: WaitlistOffer, verb: str, *, actor: Actor, reason: str = "", now: datetime
) -> Event:
    """An unsaved event about an offer: of its patient, and of the session or course it is about."""
    entry = offer.entry
    return Event(
        at=now,
        actor=actor.user,
        actor_label=actor.label,
        verb=verb,
        patient_id=entry.patient_id,
        care_plan_id=offer.care_plan_id or entry.care_plan_id,
        appointment_id=entry.appointment_id,
        reason=reason,
        facts={
            "offer": str(offer.pk),
            "entry": str(entry.pk),
            "site": str(entry.site_id),
            "start": offer.start.isoformat(),
            "end": offer.end.isoformat(),
            "expires_at": offer.expires_at.isoformat(),
        },
    )
