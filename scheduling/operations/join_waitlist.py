"""Wait for a better time, and stop waiting."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from accounts.models import Patient
from scheduling import snapshots
from scheduling.core.catalogue import BookableBy
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.walltime import local_date
from scheduling.core.wishes import DAY_PARTS
from scheduling.locks import lock_patient
from scheduling.models import (
    Appointment,
    AppointmentStatus,
    CarePlanStatus,
    OfferStatus,
    ProtocolVersion,
    Resource,
    Service,
    Site,
    StaffTask,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistStatus,
    WaitlistWant,
)
from scheduling.operations import atomic, eligibility, events
from scheduling.operations.actor import Actor
from scheduling.operations.close import TO_BE_PLACED
from scheduling.operations.end_offers import end_offers
from scheduling.operations.rebook import PATIENTS_OWN
from scheduling.selectors import courses, protocols
from scheduling.selectors.waitlist_fit import within
from scheduling.selectors.waitlist_rooms import set_room


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody waits for: another time of `appointment`, a visit of `service` by `mode`, or a
    course of `protocol_version` with its blocks, modes and the `wishes` of a search.

    `weekdays` (ISO 1-7) and `day_parts` empty: any. `earliest` None: from today on.
    """

    want: str
    appointment: Appointment | None = None
    service: Service | None = None
    mode: str = "in_person"
    protocol_version: ProtocolVersion | None = None
    blocks: tuple[str, ...] = ()
    modes: Mapping[str, str] = field(default_factory=dict)
    wishes: Mapping[str, Any] = field(default_factory=dict)
    weekdays: Collection[int] = ()
    day_parts: Collection[str] = ()
    earliest: date | None = None
    latest: date | None = None
    person: Resource | None = None


def join_waitlist(
    *, actor: Actor, patient: Patient, site: Site, wish: Wish, now: datetime
) -> WaitlistEntry:
    """Add an entry that waits, at the end of its turn.

    Raises Refused: NOT_ALLOWED, PATIENT_STATUS, WAITS_ALREADY, NOT_WANTED where the present time is
    one that is asked for, WRONG_STATE for a session that is
    over or held back, TOO_YOUNG, STAFF_ONLY, NEEDS_PLAN or NOT_CLEARED as booking does, UNKNOWN for
    what does not exist, CONTINUITY where the rest of the course has somebody else.
    """
    today = local_date(now, site.timezone)

    def work() -> WaitlistEntry:
        lock_patient(patient.pk)
        snapshot = snapshots.current(site, now)
        refusals = [
            *eligibility.patient_refusals(actor, patient, "join_waitlist"),
            *_refusals(actor, patient, wish, snapshot, now),
        ]
        if refusals:
            raise Refused(refusals)
        appointment = wish.appointment
        entry = WaitlistEntry(
            site=site,
            patient=patient,
            care_plan=appointment.care_plan if appointment else None,
            appointment=appointment,
            service=appointment.service if appointment else wish.service,
            mode=appointment.mode if appointment else wish.mode,
            protocol_version=wish.protocol_version,
            blocks=list(wish.blocks),
            modes=dict(wish.modes),
            wishes=dict(wish.wishes),
            want=wish.want,
            weekdays=sorted(set(wish.weekdays)),
            day_parts=sorted(set(wish.day_parts)),
            earliest=max(wish.earliest or today, today),
            latest=wish.latest,
            person=wish.person,
            turn=now,
            created_by=actor.user,
        )
        if has_it_already(entry) and not loses_its_time(appointment):
            start = entry.appointment.start.isoformat() if entry.appointment else ""
            raise Refused([refuse(Code.NOT_WANTED, start=start)])
        set_room(entry, snapshot.services)
        if entry.room_person and wish.person and entry.room_person != wish.person.pk:
            roles = ", ".join(wish.person.roles)
            raise Refused([refuse(Code.CONTINUITY, role=roles)])
        entry.save(force_insert=True)
        _say(entry, "waitlist_joined", actor, now)
        return entry

    return atomic.run(work)


def has_it_already(entry: WaitlistEntry) -> bool:
    """Whether the present time is at one of the times of day that are asked for: nothing is
    gained by another."""
    appointment = entry.appointment
    return (
        entry.want == WaitlistWant.TIME_OF_DAY
        and appointment is not None
        and appointment.status == AppointmentStatus.BOOKED
        and within(entry, appointment.start)
    )


def loses_its_time(appointment: Appointment | None) -> bool:
    """Whether somebody still has to find it another time: whoever gives it is away. One query."""
    tasks = StaffTask.objects.filter(kind__in=TO_BE_PLACED, finished_at=None)
    return appointment is not None and tasks.filter(appointment=appointment).exists()


def end_satisfied(
    appointments: Iterable[Appointment], since: datetime, actor: Actor, now: datetime
) -> list[WaitlistEntry]:
    """End what waits for another time of these since then, where they have one by now; return it.
    Part of the caller's transaction. One query, and three for each."""
    rows = WaitlistEntry.objects.filter(
        appointment__in=[one.pk for one in appointments],
        status=WaitlistStatus.WAITING,
        created_at__gte=since,
    )
    found = rows.select_related("site", "patient", "care_plan", "appointment")
    ended = [entry for entry in found if has_it_already(entry)]
    for entry in ended:
        close_entry(entry, WaitlistStatus.WITHDRAWN, actor=actor, reason="repaired", now=now)
    return ended


def wait_again(entries: Collection[str], actor: Actor, now: datetime) -> None:
    """Let these entries (by id) that were ended with a repair wait again, in their old turn; not
    where the patient waits for the same by now. Part of the caller's transaction, which has locked
    their patients. One query, and two for each."""
    rows = WaitlistEntry.objects.filter(pk__in=entries, status=WaitlistStatus.WITHDRAWN)
    for entry in rows.select_related("patient", "care_plan", "appointment"):
        same = WaitlistEntry.objects.filter(
            appointment=entry.appointment_id, status=WaitlistStatus.WAITING
        )
        if not same.exists():
            WaitlistEntry.objects.filter(pk=entry.pk).update(status=WaitlistStatus.WAITING)
            _say(entry, "waitlist_joined", actor, now, reason="undone")


def leave_waitlist(*, actor: Actor, entry: WaitlistEntry, reason: str = "", now: datetime) -> None:
    """Stop waiting; an offer that stands is given back. Where the entry is over already, nothing
    happens. Raises Refused (NOT_ALLOWED) for somebody else's."""

    def work() -> None:
        lock_patient(entry.patient_id)
        refusals = [
            one
            for one in eligibility.patient_refusals(actor, entry.patient, "leave_waitlist")
            if one.code != Code.PATIENT_STATUS  # giving time back is never wrong
        ]
        if refusals:
            raise Refused(refusals)
        close_entry(entry, WaitlistStatus.WITHDRAWN, actor=actor, reason=reason, now=now)

    atomic.run(work)


def close_entry(
    entry: WaitlistEntry, to: WaitlistStatus, *, actor: Actor, reason: str = "", now: datetime
) -> None:
    """End a waiting entry, and its offer with it. Part of the caller's transaction."""
    rows = WaitlistEntry.objects.filter(pk=entry.pk, status=WaitlistStatus.WAITING)
    if not rows.update(status=to):
        return
    entry.status = to
    standing = WaitlistOffer.objects.filter(entry=entry, status=OfferStatus.OFFERED)
    offers = [one.pk for one in standing.select_for_update(no_key=True)]
    end_offers(offers, to=OfferStatus.WITHDRAWN, actor=actor, reason="left", now=now)
    _say(entry, "waitlist_left", actor, now, reason=reason or to.value)


def _say(entry: WaitlistEntry, verb: str, actor: Actor, now: datetime, *, reason: str = "") -> None:
    events.append(
        actor=actor,
        verb=verb,
        patient=entry.patient,
        care_plan=entry.care_plan,
        appointment=entry.appointment,
        reason=reason,
        facts={"entry": str(entry.pk), "want": entry.want},
        now=now,
    )


def _refusals(
    actor: Actor, patient: Patient, wish: Wish, snapshot: snapshots.Snapshot, now: datetime
) -> list[Refusal]:
    today = local_date(now, snapshot.grid.zone)
    refusals = [
        *(
            refuse(Code.UNKNOWN, field="weekdays", value=day)
            for day in wish.weekdays
            if not 1 <= day <= 7
        ),
        *(
            refuse(Code.UNKNOWN, field="day_parts", value=part)
            for part in wish.day_parts
            if part not in DAY_PARTS
        ),
    ]
    if wish.latest is not None and wish.latest < max(wish.earliest or today, today):
        refusals.append(refuse(Code.IN_THE_PAST, start=wish.latest.isoformat()))
    if (wish.want == WaitlistWant.COURSE) != (wish.protocol_version is not None):
        refusals.append(refuse(Code.UNKNOWN, field="want", value=wish.want))
    if wish.want == WaitlistWant.PERSON and wish.person is None:
        refusals.append(refuse(Code.UNKNOWN, field="person", value=""))
    if wish.appointment is not None:
        return [*refusals, *_session_refusals(actor, patient, wish.appointment, now)]
    if wish.protocol_version is not None:
        definition = protocols.definition_of(wish.protocol_version)
        if definition.bookable_by is BookableBy.STAFF and not actor.staff:
            refusals.append(refuse(Code.STAFF_ONLY, protocol=definition.slug))
        return refusals
    service = snapshot.services.get(wish.service.pk) if wish.service else None
    if service is None or wish.mode not in service.modes:
        field = "service" if service is None else "mode"
        value = wish.mode if service else getattr(wish.service, "pk", "")
        return [*refusals, refuse(Code.UNKNOWN, field=field, value=value)]
    return [
        *refusals,
        *eligibility.single_refusals(actor, patient, service),
        *eligibility.age_refusals(patient, [service], today),
    ]


def _session_refusals(
    actor: Actor, patient: Patient, appointment: Appointment, now: datetime
) -> list[Refusal]:
    """Only what stands, or was lost and could be booked again, can have a better time."""
    if appointment.patient_id != patient.pk:
        return [refuse(Code.NOT_ALLOWED, action="join_waitlist", role="")]
    plan, status = appointment.care_plan, appointment.status
    if status == AppointmentStatus.BOOKED and appointment.start > now:
        return []
    if plan is not None and plan.status == CarePlanStatus.ACTIVE:
        lost = courses.lost_steps(plan).get(appointment.step)
        if lost is not None and (lost in PATIENTS_OWN or actor.staff):
            return []
    return [refuse(Code.WRONG_STATE, state=status, action="join_waitlist")]
