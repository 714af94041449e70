"""What only a person can do about a message."""

from __future__ import annotations

from datetime import datetime

from notifications.core.kinds import Channel, Reason, Status
from notifications.models import Message
from scheduling.core.roles import Role
from scheduling.models import StaffTask
from scheduling.operations.staff_tasks import open_task

UNSURE = "message_unsure"
NOT_DELIVERED = "message_not_delivered"
UNREACHABLE = "patient_unreachable"
BOUNCED = "message_bounced"
COMPLAINED = "message_complained"
NO_WAY = frozenset(
    {Reason.NO_CONSENT, Reason.NO_ADDRESS, Reason.ADDRESS_CHANGED, Reason.ADDRESS_SUPPRESSED}
)
"""Reasons for which a person has to call instead."""


def unsure(message: Message, now: datetime) -> StaffTask | None:
    """Ask whether a message has arrived. Part of the caller's transaction."""
    return _ask(UNSURE, message, now)


def not_delivered(message: Message, reason: Reason, now: datetime) -> StaffTask | None:
    """A message was refused for good. Part of the caller's transaction."""
    return _ask(NOT_DELIVERED, message, now, reason=reason.value)


def bounced(message: Message, report: str, now: datetime) -> StaffTask | None:
    """A message came back after it had gone out. Part of the caller's transaction."""
    return _ask(BOUNCED, message, now, report=report)


def complained(message: Message, now: datetime) -> StaffTask | None:
    """Its reader wants no such mail. Part of the caller's transaction."""
    return _ask(COMPLAINED, message, now)


def no_longer_unsure(message: Message, now: datetime) -> None:
    """Nobody has to find out any more whether it arrived; but whether another about the same matter
    did, for which no task was opened beside this one. Part of the caller's transaction."""
    asked = StaffTask.objects.filter(
        kind=UNSURE, finished_at=None, facts__message=str(message.pk)
    ).update(finished_at=now, outcome="not_needed")
    if not asked:
        return
    same = Message.objects.filter(
        patient=message.patient_id,
        care_plan=message.care_plan_id,
        appointment=message.appointment_id,
        status=Status.AMBIGUOUS,
    )
    other = same.select_related("site", "patient", "care_plan", "appointment").first()
    if other is not None:
        unsure(other, now)


def about_drop(message: Message, reason: Reason, now: datetime) -> None:
    """Somebody whom no mail reaches has to be called; a text never goes alone. Part of the caller's
    transaction."""
    if reason in NO_WAY and message.channel == Channel.EMAIL:
        _ask(UNREACHABLE, message, now, reason=reason.value)


def _ask(kind: str, message: Message, now: datetime, **facts: str) -> StaffTask | None:
    """One task about a session, a course or a patient; a colleague's own mail asks nobody."""
    if message.patient is None:
        return None
    soon = message.appointment.start if message.appointment else None
    return open_task(
        kind,
        Role.FRONT_DESK,
        site=message.site,
        patient=message.patient,
        care_plan=None if message.appointment else message.care_plan,
        appointment=message.appointment,
        due_at=soon if soon and soon > now else None,
        facts={"message": str(message.pk), "kind": message.kind, **facts},
        now=now,
    )
