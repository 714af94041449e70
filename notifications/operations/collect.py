"""Committed events become messages to send."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from accounts.models import ContactConsent, ContactPurpose
from notifications.core.due import follow_up_due, news_due
from notifications.core.kinds import AHEAD, BY_SMS, NEWS, Channel, Kind, Reason, Status
from notifications.models import Message, PendingEvent
from notifications.operations import call_list
from notifications.operations.revisions import revisions
from notifications.operations.webhook_deliveries import write_deliveries
from scheduling.models import Event
from scheduling.operations.actor import MESSAGE_LINK

BATCH = 2000
LOCK = "notifications collect"
CLEARED = ("cleared", "cleared_conditionally")
COLUMNS = (
    *("id", "verb", "at", "patient_id", "care_plan_id", "appointment_id", "sequence", "facts"),
    *("actor_id", "actor_label", "patient__user_id"),
    *("appointment__start", "appointment__end", "appointment__treatment"),
    *("appointment__site_id", "appointment__site__timezone"),
    *("care_plan__site_id", "care_plan__site__timezone"),
)
Row = Mapping[str, Any]
Subject = tuple[UUID | None, UUID | None]
"""A course, or an appointment outside one: (care plan, appointment), one of them None."""


@dataclass(slots=True)
class Change:
    """What happened to one course or lone appointment in the events at hand. `was`: where each
    session stood before, as RFC 3339; None for one that is new. `at`: when the last of it happened.
    `disruption`: what at the clinic made several courses change.
    """

    patient: UUID
    site: UUID
    at: datetime
    booked: bool = False
    only_cancelled: bool = True
    by_patient: bool = True
    disruption: str = ""
    sequence: int = 0
    nearest: datetime | None = None
    was: dict[str, str | None] = field(default_factory=dict)


def collect(now: datetime, limit: int = BATCH) -> int:
    """Write the messages that the next events ask for, and return how many events were read.

    Events leave the queue in the transaction that writes their messages: after a crash both are as
    before. One collector works at a time, so that the changes of one course become one message; a
    second one returns at once.
    """
    with transaction.atomic():
        if not _alone():
            return 0
        rows = _take(limit)
        if rows:
            _tell_of_changes(rows)
            _tell_of_the_rest(rows, now)
            call_list.update(rows, now)
            write_deliveries(rows, now)
        return len(rows)


def collect_all(now: datetime) -> int:
    """`collect` until nothing is left; how many events were read."""
    total = 0
    while count := collect(now):
        total += count
    return total


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])
        return bool(cursor.fetchone()[0])


def _take(limit: int) -> list[Row]:
    """Remove the oldest events from the queue and return them, in their order."""
    oldest = PendingEvent.objects.order_by("event_id").values("event_id")[:limit]
    ids = [key for (key,) in oldest.values_list("event_id")]
    if not ids:
        return []
    PendingEvent.objects.filter(event_id__in=ids).delete()
    rows = Event.objects.filter(pk__in=ids).order_by("pk").values(*COLUMNS)
    return [{**row, "by_patient": by_the_patient(row)} for row in rows]


# --- Times that changed --------------------------------------------------------------------------


def _tell_of_changes(rows: Iterable[Row]) -> None:
    changes = _changes(rows)
    if not changes:
        return
    _drop_what_is_no_longer_true(changes)
    plans = [plan for plan, _lone in changes if plan]
    summed = revisions(plans)
    for (plan, _lone), change in changes.items():
        if plan:
            change.sequence = summed.get(plan, 0)
    known = _known(changes)
    texted = by_sms({change.patient for change in changes.values()})
    new: list[Message] = []
    for subject, change in changes.items():
        earlier = known.get(subject, [])
        waiting = [one for one in earlier if one.status == Status.SCHEDULED]
        if any(one.kind == Kind.CONFIRMATION for one in waiting):
            continue  # it will tell what is true when it goes out
        news = [one for one in waiting if one.kind != Kind.CONFIRMATION]
        if news:
            _fold(news, change)
        else:
            confirmed = any(one.kind == Kind.CONFIRMATION for one in earlier)
            new += _new(subject, change, confirmed=confirmed, texted=texted)
    Message.objects.bulk_create(new, ignore_conflicts=True)  # message_once


def _changes(rows: Iterable[Row]) -> dict[Subject, Change]:
    found: dict[Subject, Change] = {}
    for row in rows:
        key, verb = row["appointment_id"], row["verb"]
        if key is None or row["patient_id"] is None or verb not in ("booked", "moved", "cancelled"):
            continue
        plan = row["care_plan_id"]
        subject = (plan, None) if plan else (None, key)
        change = found.setdefault(
            subject, Change(row["patient_id"], row["appointment__site_id"], row["at"])
        )
        change.at = max(change.at, row["at"])
        start = row["appointment__start"]
        before = row["facts"].get("from") if verb == "moved" else start.isoformat()
        change.was.setdefault(str(key), None if verb == "booked" else before)
        change.booked |= verb == "booked"
        change.only_cancelled &= verb == "cancelled"
        change.by_patient &= row["by_patient"]
        change.disruption = str(row["facts"].get("disruption") or change.disruption)
        change.sequence = max(change.sequence, row["sequence"])
        times = [start, *([datetime.fromisoformat(before)] if before else [])]
        change.nearest = min([*times, *([change.nearest] if change.nearest else [])])
    return found


def by_the_patient(row: Row) -> bool:
    """Whether patients did it themselves: signed in, or by a link of a message."""
    own = row["actor_id"] is not None and row["actor_id"] == row["patient__user_id"]
    return own or row["actor_label"] in ("visitor", MESSAGE_LINK)


def _drop_what_is_no_longer_true(changes: Mapping[Subject, Change]) -> None:
    """Cancel what was to be said ahead of sessions that have moved or are off."""
    keys = [UUID(key) for change in changes.values() for key, was in change.was.items() if was]
    Message.objects.filter(
        appointment__in=keys,
        kind__in=AHEAD,
        status=Status.SCHEDULED,
        sequence__lt=F("appointment__sequence"),
    ).update(status=Status.CANCELLED, reason=Reason.CHANGED)


def _known(changes: Collection[Subject]) -> dict[Subject, list[Message]]:
    """What was or will be told about these courses and appointments. Locked: a sender that is at
    one of them finishes first."""
    rows = Message.objects.select_for_update(no_key=True).filter(
        Q(care_plan__in=[plan for plan, _lone in changes if plan])
        | Q(care_plan=None, appointment__in=[lone for _plan, lone in changes if lone]),
        Q(status=Status.SCHEDULED) | Q(kind=Kind.CONFIRMATION),
        kind__in=NEWS,
    )
    found: dict[Subject, list[Message]] = defaultdict(list)
    for one in rows.order_by("pk"):
        found[one.care_plan_id, one.appointment_id].append(one)
    return found


def _new(
    subject: Subject, change: Change, *, confirmed: bool, texted: Collection[UUID]
) -> Iterable[Message]:
    if change.booked and not confirmed:
        kind, due = Kind.CONFIRMATION, change.at
    else:
        kind = Kind.CANCELLED if change.only_cancelled else Kind.MOVED
        due = news_due(change.at, change.nearest, by_patient=change.by_patient)
    for channel in channels(kind, change.patient, texted):
        yield Message(
            kind=kind,
            channel=channel,
            patient_id=change.patient,
            site_id=change.site,
            care_plan_id=subject[0],
            appointment_id=subject[1],
            sequence=change.sequence,
            due_at=due,
            facts={"was": change.was, **_cause(change)},
        )


def _cause(change: Change) -> dict[str, Any]:
    """Whose doing it was: it decides how the message sounds."""
    cause: dict[str, Any] = {"by_patient": change.by_patient}
    if change.disruption:
        cause["disruption"] = change.disruption
    return cause


def _fold(waiting: Iterable[Message], change: Change) -> None:
    """Let news that waits tell of this change too: people hear the net change, once."""
    for one in waiting:
        cause = _cause(change)
        cause["by_patient"] = change.by_patient and one.facts.get("by_patient", True)
        one.facts |= cause
        one.facts["was"] = {**change.was, **one.facts.get("was", {})}  # the first `was` stands
        one.kind = one.kind if change.only_cancelled else Kind.MOVED.value
        one.sequence = max(one.sequence, change.sequence)
        due = news_due(change.at, change.nearest, by_patient=change.by_patient)
        one.due_at = min(one.due_at, due) if change.by_patient else due
        one.save(update_fields=["facts", "kind", "sequence", "due_at"])


# --- Everything else -----------------------------------------------------------------------------


def _tell_of_the_rest(rows: Iterable[Row], now: datetime) -> None:
    wanted = [row for row in rows if row["patient_id"] is not None]
    texted = by_sms({row["patient_id"] for row in wanted if row["verb"] == "waitlist_offered"})
    new: list[Message] = []
    for row in wanted:
        if row["verb"] in CLEARED and row["care_plan_id"]:
            new.append(_about(row, Kind.CLEARANCE, now, topic=str(row["id"])))
        elif row["verb"] == "waitlist_offered":
            offer = str(row["facts"].get("offer", row["id"]))
            new += (
                _about(row, Kind.WAITLIST_OFFER, now, topic=offer, channel=channel)
                for channel in channels(Kind.WAITLIST_OFFER, row["patient_id"], texted)
            )
        elif row["verb"] == "course_change_proposed" and row["care_plan_id"]:
            new.append(_about(row, Kind.PROPOSAL, now, topic=str(row["id"])))
        elif row["verb"] == "fulfilled" and row["appointment__treatment"]:
            due = follow_up_due(row["appointment__end"], row["appointment__site__timezone"])
            new.append(_about(row, Kind.FOLLOW_UP, due))
    Message.objects.bulk_create(new, ignore_conflicts=True)  # message_once


def _about(
    row: Row, kind: Kind, due: datetime, *, topic: str = "", channel: Channel = Channel.EMAIL
) -> Message:
    return Message(
        kind=kind,
        channel=channel,
        patient_id=row["patient_id"],
        site_id=row["appointment__site_id"] or row["care_plan__site_id"] or row["facts"]["site"],
        care_plan_id=row["care_plan_id"],
        appointment_id=row["appointment_id"],
        topic=topic,
        sequence=row["sequence"],
        due_at=due,
        facts=row["facts"] if kind == Kind.WAITLIST_OFFER else {},
    )


# --- Channels ------------------------------------------------------------------------------------


def channels(kind: Kind, patient: UUID, texted: Collection[UUID]) -> Iterable[Channel]:
    """How one patient hears: always by mail, by text message too where it is asked for and short
    enough."""
    yield Channel.EMAIL
    if kind in BY_SMS and patient in texted:
        yield Channel.SMS


def by_sms(patients: Collection[UUID]) -> set[UUID]:
    """Those of the patients who have asked for text messages; nobody while there is no provider.
    One query at most."""
    if not settings.SMS_PROVIDER or not patients:
        return set()
    asked = ContactConsent.objects.filter(
        patient__in=patients, purpose=ContactPurpose.SMS_APPOINTMENTS, withdrawn_at=None
    )
    return set(asked.values_list("patient", flat=True))
