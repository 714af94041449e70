"""Offer one time to one who waits, and hold it for them meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from uuid import UUID

from scheduling import snapshots, stored_wishes
from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role
from scheduling.locks import lock_patient
from scheduling.models import (
    Appointment,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistStatus,
)
from scheduling.operations import atomic, lanes, write
from scheduling.operations.actor import Actor
from scheduling.operations.binding import Needs, Wanted, bind
from scheduling.operations.end_offers import offer_event
from scheduling.operations.hold import hold_course, live_holds
from scheduling.operations.insert import insert
from scheduling.operations.recipe import clear_the_way, settle
from scheduling.selectors.course_search import search
from scheduling.selectors.waitlist import entry_rows
from scheduling.selectors.waitlist_fit import Fit, fit
from scheduling.selectors.waitlist_timing import timing


def make_offer(
    *, actor: Actor, entry: WaitlistEntry, start: datetime, now: datetime
) -> WaitlistOffer:
    """Hold `start` for the entry until its offer ends. By hand as by the sweep: every rule of the
    course holds, and the time to get ready.

    Raises Refused: NOT_WANTED where the start is none that the entry could be offered, ON_OFFER,
    WRONG_STATE for an entry that no longer waits, TAKEN, BUSY.
    """
    request = _Request(actor, entry, start, now)
    return settle(entry.patient_id, entry.site_id, request.look, request.write, now)


class _Request:
    """One session for one entry, and what the latest look at it found."""

    def __init__(self, actor: Actor, entry: WaitlistEntry, start: datetime, now: datetime) -> None:
        self.actor, self.key, self.start, self.now = actor, entry.pk, start, now
        self.entry = entry
        self.fit: Fit

    def look(self, only: frozenset[str] | None) -> dict[str, Session]:
        """The session bound to what is free now. Raises Refused."""
        entry = self.entry = _waiting_entry(self.key)
        self.fit = fit(entry, self.start, self.start + timedelta(minutes=1), self.now)
        if self.start not in self.fit.starts:
            raise Refused([refuse(Code.NOT_WANTED, start=self.start.isoformat())])
        patient, step = entry.patient, self.fit.step
        wishes = entry.care_plan.wishes if entry.care_plan else {}
        needs = (
            Needs.read(wishes)
            if entry.care_plan
            else Needs(frozenset(patient.languages), frozenset(patient.access_needs))
        )
        return bind(
            snapshots.current(entry.site, self.now).availability,
            self.fit.course.only({step}),
            {step: Wanted(self.start, self.fit.persons)},
            needs=needs,
            only=only,
            turn=patient.pk.int,
        )

    def write(self, bound: Mapping[str, Session], capacity: Mapping[UUID, int]) -> WaitlistOffer:
        """Write the offer and what it holds; the locks are held."""
        session = bound[self.fit.step]
        _require_waiting(self.entry)
        offer = WaitlistOffer(
            entry=self.entry,
            start=write.instant(session.start),
            end=write.instant(session.end),
            units=units_of(session),
            expires_at=timing(self.entry.site, self.now).expires_at,
            made_by=self.actor.user,
            made_at=self.now,
        )
        # Lanes are placed for appointments; this one is never saved.
        stand_in = Appointment(
            step=self.fit.step, start=offer.start, end=offer.end, expires_at=offer.expires_at
        )
        wanted = write.wanted([stand_in], bound)
        standing = clear_the_way(self.entry.patient_id, wanted, self.now)
        reservations = lanes.place(wanted, standing, capacity)
        for one in reservations:
            one.appointment, one.offer = None, offer
        event = offer_event(offer, "waitlist_offered", actor=self.actor, now=self.now)
        insert([offer], reservations, [event])
        return offer


def offer_course(*, actor: Actor, entry: WaitlistEntry, now: datetime) -> WaitlistOffer | None:
    """Hold the best course for an entry that waits for one; None where there is none now, or while
    the patient holds something themselves. Raises Refused as `make_offer` does."""

    def work() -> WaitlistOffer | None:
        waits = _waiting_entry(entry.pk)
        assert waits.protocol_version is not None  # noqa: S101 - for the type checker
        lock_patient(waits.patient_id)
        _require_waiting(waits)
        if live_holds(waits.patient, now):
            return None
        result = search(
            site=waits.site,
            protocol_version=waits.protocol_version,
            blocks=waits.blocks,
            modes=waits.modes,
            wishes=stored_wishes.from_json(waits.wishes, waits.earliest),
            patient=waits.patient,
            limit=1,
            now=now,
        )
        offers = timing(waits.site, now)
        first = result.course.steps[0].service.slug
        soonest = offers.soonest(result.snapshot.services[first])
        proposals = [
            one
            for one in result.answer.proposals
            if min(s.start for s in one.sessions) >= soonest.timestamp()
        ]
        if not proposals:
            return None
        minutes = ceil((offers.expires_at - now) / timedelta(minutes=1))
        patient = Actor(actor.user, actor.label, frozenset({Role.PATIENT}), waits.patient_id)
        plan = hold_course(
            actor=patient,
            patient=waits.patient,
            protocol_version=waits.protocol_version,
            site=waits.site,
            sessions={
                step: Wanted(one.start, one.practitioners)
                for step, one in result.wanted(proposals[0]).items()
            },
            blocks=waits.blocks,
            modes=waits.modes,
            wishes_json=stored_wishes.to_json(result.wishes),
            now=now,
            minutes=minutes,
        )
        first_session = min(proposals[0].sessions, key=lambda one: one.start)
        offer = WaitlistOffer(
            entry=waits,
            care_plan=plan,
            start=datetime.fromtimestamp(first_session.start, UTC),
            end=datetime.fromtimestamp(first_session.end, UTC),
            expires_at=plan.expires_at or offers.expires_at,
            made_by=actor.user,
            made_at=now,
        )
        insert([offer], [offer_event(offer, "waitlist_offered", actor=actor, now=now)])
        return offer

    return atomic.run(work)


def units_of(session: Session) -> dict[str, str]:
    """The unit of each role that one unit fills alone."""
    units: dict[str, set[str]] = {}
    for taken in session.taken:
        if taken.lanes:
            units.setdefault(taken.role, set()).add(taken.unit)
    return {role: unit for role, [unit, *others] in _sorted(units).items() if not others}


def _sorted(units: Mapping[str, set[str]]) -> dict[str, list[str]]:
    return {role: sorted(of) for role, of in units.items()}


def _waiting_entry(key: UUID) -> WaitlistEntry:
    return entry_rows().get(pk=key)


def _require_waiting(entry: WaitlistEntry) -> None:
    """Raises Refused (WRONG_STATE) where the entry does not wait any more; locks its row."""
    row = WaitlistEntry.objects.select_for_update(no_key=True, of=("self",)).get(pk=entry.pk)
    if row.status != WaitlistStatus.WAITING:
        raise Refused([refuse(Code.WRONG_STATE, state=row.status, action="offer")])
