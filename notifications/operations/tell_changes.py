"""Times that were booked, moved or cancelled become news: one message for each course and way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from notifications.core.due import news_due
from notifications.core.kinds import AHEAD, NEWS, Channel, Kind, Reason, Status
from notifications.models import Message
from notifications.operations.revisions import revisions
from notifications.operations.ways import by_sms, channels

TOLD = ("booked", "moved", "cancelled", "rebound")
AT_THE_SAME_TIME = ("kept", "by_video")
"""Facts of a message: sessions that keep their time."""
Row = Mapping[str, Any]
"""An event as `collect` reads it."""
Subject = tuple[UUID | None, UUID | None]
"""A course, or an appointment outside one: (care plan, appointment), one of them None."""


@dataclass(slots=True)
class Change:
    """What happened to one course or lone appointment in the events at hand. `was`: where each
    session stood before, as RFC 3339; None for one that is new. `kept`: sessions at their old time
    with another person. `by_video`: those at their old time to which nobody has to come any more;
    `undone`: where either was taken back. `at`: when the last of it happened. `disruptions`: what
    at the clinic made several courses change. `topic`: the last event's key; it tells the news of
    one change apart from that of any other.
    """

    patient: UUID
    site: UUID
    at: datetime
    booked: bool = False
    only_cancelled: bool = True
    by_patient: bool = True
    disruptions: set[str] = field(default_factory=set)
    topic: str = ""
    sequence: int = 0
    nearest: datetime | None = None
    was: dict[str, str | None] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    by_video: set[str] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)


def tell_of_changes(rows: Iterable[Row]) -> None:
    """Write the news of these events, or let news that waits tell of them too. Part of the
    collector's transaction."""
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
        first = [one for one in earlier if one.kind == Kind.CONFIRMATION and not one.copy]
        if any(one.status == Status.SCHEDULED for one in first):
            continue  # it will tell what is true when it goes out
        kind = _kind(change, confirmed=bool(first))
        for channel in channels(kind, change.patient, texted):
            waiting = [one for one in earlier if _is_waiting_news(one, channel)]
            if waiting:
                _fold(waiting, change)
            elif change.was or change.kept or change.by_video:
                new.append(_new(subject, change, kind, channel))
    Message.objects.bulk_create(new, ignore_conflicts=True)  # message_once


def _is_waiting_news(one: Message, channel: Channel) -> bool:
    return (
        one.status == Status.SCHEDULED
        and one.channel == channel
        and one.kind != Kind.CONFIRMATION
        and not one.copy
    )


def _kind(change: Change, *, confirmed: bool) -> Kind:
    if change.booked and not confirmed:
        return Kind.CONFIRMATION
    return Kind.CANCELLED if change.only_cancelled else Kind.MOVED


def _changes(rows: Iterable[Row]) -> dict[Subject, Change]:
    found: dict[Subject, Change] = {}
    for row in rows:
        key, verb = row["appointment_id"], row["verb"]
        if key is None or row["patient_id"] is None or verb not in TOLD:
            continue
        if verb == "rebound" and not _is_told(row):
            continue
        plan = row["care_plan_id"]
        subject = (plan, None) if plan else (None, key)
        change = found.setdefault(
            subject, Change(row["patient_id"], row["appointment__site_id"], row["at"])
        )
        change.at = max(change.at, row["at"])
        start = row["appointment__start"]
        before = row["facts"].get("from") if verb == "moved" else start.isoformat()
        if verb == "rebound":
            _note_rebound(change, str(key), row["facts"])
        else:
            change.was.setdefault(str(key), None if verb == "booked" else before)
        change.booked |= verb == "booked"
        change.only_cancelled &= verb == "cancelled"
        change.by_patient &= row["by_patient"]
        if disruption := row["facts"].get("disruption"):
            change.disruptions.add(str(disruption))
        change.topic = str(row["id"])
        change.sequence = max(change.sequence, row["sequence"])
        times = [start, *([datetime.fromisoformat(before)] if before else [])]
        change.nearest = min([*times, *([change.nearest] if change.nearest else [])])
    return found


def _is_told(row: Row) -> bool:
    """Patients hear of another person where the clinic names people, and something made it so; of
    video instead of a visit always."""
    named = bool(row["appointment__site__names_people"])
    return "disruption" in row["facts"] and (named or "mode" in row["facts"])


def _note_rebound(change: Change, key: str, facts: Row) -> None:
    """What is different at the same time; what was taken back is told no more."""
    told = change.by_video if "mode" in facts else change.kept
    if facts.get("undone"):
        change.undone.add(key)
        told.discard(key)
    else:
        change.undone.discard(key)
        told.add(key)


def _drop_what_is_no_longer_true(changes: Mapping[Subject, Change]) -> None:
    """Cancel what was to be said ahead of sessions that have moved or are off."""
    keys = [UUID(key) for change in changes.values() for key, was in change.was.items() if was]
    stale = Message.objects.filter(
        appointment__in=keys,
        kind__in=AHEAD,
        status=Status.SCHEDULED,
        sequence__lt=F("appointment__sequence"),
    )
    # A sender that is at one of them looks for itself.
    free = stale.select_for_update(skip_locked=True, of=("self",), no_key=True)
    Message.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(
        status=Status.CANCELLED, reason=Reason.CHANGED
    )


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


def _new(subject: Subject, change: Change, kind: Kind, channel: Channel) -> Message:
    confirms = kind == Kind.CONFIRMATION
    return Message(
        kind=kind,
        channel=channel,
        patient_id=change.patient,
        site_id=change.site,
        care_plan_id=subject[0],
        appointment_id=subject[1],
        topic="" if confirms else change.topic,
        sequence=change.sequence,
        due_at=change.at if confirms else _due(change),
        facts=_facts(change),
    )


def _facts(change: Change) -> dict[str, Any]:
    return {
        "was": change.was,
        "kept": sorted(change.kept),
        "by_video": sorted(change.by_video),
        "by_patient": change.by_patient,
        "disruptions": sorted(change.disruptions),
    }


def _fold(waiting: Sequence[Message], change: Change) -> None:
    """Let news that waits tell of this change too: people hear the net change, once. Where an
    attempt that failed has left several waiting, one of them tells of all."""
    one, *others = waiting
    for other in others:
        _join(one, other.facts, Kind(other.kind))
        Message.objects.filter(pk=other.pk).update(
            status=Status.CANCELLED, reason=Reason.TOLD_ALREADY
        )
    _join(one, _facts(change), Kind.CANCELLED if change.only_cancelled else Kind.MOVED)
    for name in AT_THE_SAME_TIME:
        one.facts[name] = sorted(set(one.facts[name]) - change.undone)
    one.sequence = max(one.sequence, change.sequence)
    one.due_at = min(one.due_at, _due(change)) if change.by_patient else _due(change)
    one.save(update_fields=["facts", "kind", "sequence", "due_at"])


def _join(one: Message, facts: Mapping[str, Any], kind: Kind) -> None:
    """Add what other news tells. Where a session stood first is what stands."""
    mine = one.facts
    one.facts = {
        "was": {**facts.get("was", {}), **mine.get("was", {})},
        **{name: sorted({*facts.get(name, ()), *mine.get(name, ())}) for name in AT_THE_SAME_TIME},
        "by_patient": bool(facts.get("by_patient")) and bool(mine.get("by_patient")),
        "disruptions": sorted({*facts.get("disruptions", ()), *mine.get("disruptions", ())}),
    }
    one.kind = one.kind if kind == Kind.CANCELLED else Kind.MOVED.value


def _due(change: Change) -> datetime:
    return news_due(change.at, change.nearest, by_patient=change.by_patient)
