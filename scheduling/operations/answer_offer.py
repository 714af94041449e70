"""Take what the waitlist has offered, or let it go to the next."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.locks import lock_booking
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    CarePlanStatus,
    OfferStatus,
    Reservation,
    Service,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistStatus,
)
from scheduling.operations import atomic, eligibility, expire
from scheduling.operations.actor import Actor
from scheduling.operations.book import book_session
from scheduling.operations.confirm import confirm
from scheduling.operations.end_offers import end_offers
from scheduling.operations.rebook import rebook
from scheduling.operations.reschedule import reschedule

OFFERS = WaitlistOffer.objects.select_related(
    "care_plan__patient", "entry__site", "entry__patient", "entry__service", "entry__care_plan",
    "entry__appointment__site", "entry__appointment__patient", "entry__appointment__care_plan",
)  # fmt: skip


def accept_offer(*, actor: Actor, offer: WaitlistOffer, now: datetime) -> Appointment | None:
    """Book what the offer holds, in one transaction: nothing is free in between, and whatever
    refuses it leaves the offer standing. The session; None for a whole course.

    Raises Refused: NOT_ALLOWED, PATIENT_STATUS, OFFER_OVER, and whatever moving, booking again or
    booking would say where the patient's own course has changed since.
    """

    def work() -> Appointment | None:
        seen = OFFERS.get(pk=offer.pk)
        entry = seen.entry
        held = Reservation.objects.filter(offer=seen)
        # In the order in which every booking locks; only then does anything change.
        lock_booking(
            entry.site_id, entry.patient_id, list(held.values_list("resource_id", flat=True))
        )
        refusals = list(eligibility.patient_refusals(actor, entry.patient, "accept"))
        if refusals:
            raise Refused(refusals)
        _require_standing(seen.pk, now)
        end_offers([seen.pk], to=OfferStatus.ACCEPTED, actor=actor, now=now)
        WaitlistEntry.objects.filter(pk=entry.pk, status=WaitlistStatus.WAITING).update(
            status=WaitlistStatus.ACCEPTED
        )
        return _book(seen, actor, now)

    return atomic.run(work)


def decline_offer(
    *, actor: Actor, offer: WaitlistOffer, clinic: bool = False, now: datetime
) -> None:
    """Let it go: the entry waits on, and the time is offered to the next. `clinic`: not the
    patient's answer, but the clinic takes it back. Where it is over already, nothing happens.

    Raises Refused (NOT_ALLOWED) for somebody else's.
    """
    to = OfferStatus.WITHDRAWN if clinic else OfferStatus.DECLINED

    def work() -> None:
        seen = OFFERS.get(pk=offer.pk)
        lock_booking(seen.entry.site_id, seen.entry.patient_id, [])
        refusals = [
            one
            for one in eligibility.patient_refusals(actor, seen.entry.patient, "decline")
            if one.code != Code.PATIENT_STATUS  # giving time back is never wrong
        ]
        if refusals:
            raise Refused(refusals)
        rows = WaitlistOffer.objects.select_for_update(no_key=True).filter(
            pk=seen.pk, status=OfferStatus.OFFERED
        )
        if rows:
            end_offers([seen.pk], to=to, actor=actor, now=now)
            if seen.care_plan is not None and seen.care_plan.status == CarePlanStatus.HELD:
                expire.release_plans([seen.care_plan.pk], actor=actor, reason="", now=now)

    atomic.run(work)


def _require_standing(key: UUID, now: datetime) -> None:
    fresh = WaitlistOffer.objects.select_for_update(no_key=True).get(pk=key)
    ends = fresh.care_plan is None and fresh.expires_at <= now  # a held course says so itself
    if fresh.status != OfferStatus.OFFERED or ends:
        over = fresh.expires_at.isoformat()
        state = fresh.status if fresh.status != OfferStatus.OFFERED else OfferStatus.EXPIRED
        raise Refused([refuse(Code.OFFER_OVER, state=state, expired_at=over)])


def _book(offer: WaitlistOffer, actor: Actor, now: datetime) -> Appointment | None:
    """Book what was held a moment ago; it is free to this transaction alone."""
    entry, appointment = offer.entry, offer.entry.appointment
    if offer.care_plan is not None:
        confirm(actor=actor, care_plan=offer.care_plan, version=None, now=now)
        return None
    if appointment is None:
        assert entry.service_id is not None  # noqa: S101 - for the type checker
        booked = book_session(
            actor=actor,
            patient=entry.patient,
            service=Service.objects.get(pk=entry.service_id),
            site=entry.site,
            start=offer.start,
            practitioners=offer.units,
            mode=entry.mode,
            now=now,
        )
        atomic.insert_waiting()
        return booked
    if appointment.status == AppointmentStatus.BOOKED:
        return reschedule(
            actor=actor,
            appointment=appointment,
            start=offer.start,
            practitioners=offer.units,
            now=now,
        ).appointment
    plan = appointment.care_plan
    assert plan is not None  # noqa: S101 - for the type checker
    rebook(
        actor=actor,
        care_plan=plan,
        starts={appointment.step: offer.start},
        version=None,
        now=now,
    )
    return Appointment.objects.get(
        care_plan=plan, step=appointment.step, status=AppointmentStatus.BOOKED
    )
