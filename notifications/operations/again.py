"""What a person decides about a message: send it again, or say what became of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from notifications.compose.known import known_of
from notifications.compose.recipient import UnreachableError, recipient_of
from notifications.core.kinds import Reason, Status
from notifications.models import Message
from notifications.operations.tasks_for_staff import NOT_DELIVERED, UNSURE
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import StaffTask
from scheduling.operations import events
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may

KEY = (
    *("kind", "channel", "patient_id", "user_id", "care_plan_id", "appointment_id"),
    *("topic", "sequence"),
)
"""What one message and its copies have in common."""
UNKNOWN = "?"
"""An address that nobody can tell any more."""
OPEN = frozenset({Status.SCHEDULED, Status.SENDING})


def send_again(*, actor: Actor, message: Message, now: datetime) -> Message:
    """Put another copy into the ledger, due now; return it, or the copy that waits already. It says
    what is true when it goes out, under the same rules, so it may end as not sent. A message that
    may have arrived is settled by it. Raises Refused: NOT_ALLOWED, WRONG_STATE while it still waits
    to be sent."""
    _require(actor)
    with transaction.atomic():
        seen = _locked(message)
        if seen.status in OPEN:
            raise Refused([refuse(Code.WRONG_STATE, state=seen.status, action="send_again")])
        key = {name: getattr(seen, name) for name in KEY}
        # The first copy's lock makes two who ask at once come one after the other.
        copies = list(Message.objects.select_for_update(no_key=True).filter(**key).order_by("copy"))
        if waiting := next((one for one in copies if one.status in OPEN), None):
            return waiting
        if seen.status == Status.AMBIGUOUS:
            _settle(seen, Status.CANCELLED)
        made = Message.objects.create(
            **key,
            site_id=seen.site_id,
            copy=copies[-1].copy + 1,
            facts=seen.facts,
            due_at=now,
        )
        _note(actor, "message_sent_again", seen, now)
        _end_tasks(seen, actor, "sent_again", now)
        return made


def say_what_became(*, actor: Actor, message: Message, arrived: bool, now: datetime) -> Message:
    """End the doubt about an ambiguous message: it has arrived, or it has not and the patient was
    told in another way. Raises Refused: NOT_ALLOWED, WRONG_STATE."""
    _require(actor)
    with transaction.atomic():
        seen = _locked(message)
        if seen.status != Status.AMBIGUOUS:
            raise Refused([refuse(Code.WRONG_STATE, state=seen.status, action="settle")])
        if arrived:
            Message.objects.filter(pk=seen.pk).update(
                status=Status.SENT,
                reason=Reason.SETTLED_BY_HAND,
                sent_at=seen.claimed_at or now,
                address=seen.address or _address_of(seen),
            )
        else:
            _settle(seen, Status.CANCELLED)
        _note(actor, "message_settled", seen, now)
        _end_tasks(seen, actor, "arrived" if arrived else "told_otherwise", now)
        seen.refresh_from_db()
        return seen


def _address_of(message: Message) -> str:
    """Where it must have gone: a sender that died has not written it down."""
    try:
        return recipient_of(message, known_of(message)).address
    except UnreachableError:
        return UNKNOWN


def _settle(message: Message, status: Status) -> None:
    Message.objects.filter(pk=message.pk).update(status=status, reason=Reason.SETTLED_BY_HAND)


def _require(actor: Actor) -> None:
    if actor.user is None or not may(actor.user, Action.SEND_AGAIN):
        roles = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action=Action.SEND_AGAIN.value, role=roles)])


def _locked(message: Message) -> Message:
    rows = Message.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("patient__user", "user").get(pk=message.pk)


def _note(actor: Actor, verb: str, message: Message, now: datetime) -> None:
    events.append(
        actor=actor,
        verb=verb,
        patient=message.patient,
        facts={"message": str(message.pk), "kind": message.kind},
        now=now,
    )


def _end_tasks(message: Message, actor: Actor, outcome: str, now: datetime) -> None:
    """End the tasks about this subject, unless another message of it is still in doubt."""
    about = {
        "patient": message.patient_id,
        "appointment": message.appointment_id,
        "care_plan": message.care_plan_id,
    }
    in_doubt = Message.objects.filter(status=Status.AMBIGUOUS, **about)
    if not in_doubt.exists():
        StaffTask.objects.filter(
            kind__in=[UNSURE, NOT_DELIVERED], finished_at=None, facts__message=str(message.pk)
        ).update(finished_at=now, outcome=outcome, owner=actor.user)
