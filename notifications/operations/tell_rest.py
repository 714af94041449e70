"""Decisions, offers, proposals and treatments that are over become messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from notifications.core.due import follow_up_due
from notifications.core.kinds import Channel, Kind
from notifications.models import Message
from notifications.operations.ways import by_sms, channels

CLEARED = ("cleared", "cleared_conditionally")
Row = Mapping[str, Any]
"""An event as `collect` reads it."""


def tell_of_the_rest(rows: Iterable[Row], now: datetime) -> None:
    """Write what these events ask for beside news of times. Part of the collector's transaction."""
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
