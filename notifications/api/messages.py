"""What was sent, when, to which address, and what became of it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from notifications.core.kinds import Channel, Kind, Reason, Status
from notifications.models import Message
from notifications.querysets import messages_for
from scheduling.api.endpoint import Endpoint
from scheduling.api.inputs import Limit
from scheduling.api.pages import page
from scheduling.api.schema import answers
from scheduling.api.shapes import Shape, instant, page_of, text
from scheduling.api.times import stamp, stamp_or_none

MESSAGE_KINDS = [one.value for one in Kind]
MESSAGE_STATES = [one.value for one in Status]
MESSAGE_CHANNELS = [one.value for one in Channel]
MESSAGE_REASONS = ["", *(one.value for one in Reason)]


class MessageFilter(Limit):
    patient = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(MESSAGE_KINDS, required=False)
    status = serializers.ChoiceField(MESSAGE_STATES, required=False)


class MessageShape(Shape):
    """`text` is what the reader saw, without links that act; empty until it was sent. `sequence` is
    the calendar revision it tells of."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(MESSAGE_KINDS)
    channel = serializers.ChoiceField(MESSAGE_CHANNELS)
    status = serializers.ChoiceField(MESSAGE_STATES)
    reason = serializers.ChoiceField(MESSAGE_REASONS)
    patient = serializers.UUIDField()
    care_plan = serializers.UUIDField(allow_null=True)
    appointment = serializers.UUIDField(allow_null=True)
    sequence = serializers.IntegerField()
    copy = serializers.IntegerField()
    attempts = serializers.IntegerField()
    address = text()
    language = text()
    subject = text()
    due_at = instant()
    sent_at = instant(allow_null=True)
    timezone = text()
    text = text()


def message_json(one: Message) -> dict[str, Any]:
    """A message as it is answered."""
    zone = one.site.timezone
    return {
        "id": str(one.pk),
        "kind": one.kind,
        "channel": one.channel,
        "status": one.status,
        "reason": one.reason,
        "patient": str(one.patient_id),
        "care_plan": str(one.care_plan_id) if one.care_plan_id else None,
        "appointment": str(one.appointment_id) if one.appointment_id else None,
        "sequence": one.sequence,
        "copy": one.copy,
        "attempts": one.attempts,
        "address": one.address,
        "language": one.language,
        "subject": one.subject,
        "text": one.text,
        "due_at": stamp(one.due_at, zone),
        "sent_at": stamp_or_none(one.sent_at, zone),
        "timezone": zone,
    }


class MessagesView(Endpoint):
    @extend_schema(
        operation_id="list_messages",
        parameters=[MessageFilter],
        responses=answers(page_of(MessageShape)),
    )
    def get(self, request: Request) -> Response:
        """Messages you may see, newest first: staff those of every patient, patients their own."""
        wanted = self.query(MessageFilter)
        rows = messages_for(self.user).select_related("site")
        for name in ("patient", "kind", "status"):
            if wanted.get(name):
                rows = rows.filter(**{name: wanted[name]})
        return page(self, rows, ordering=["-due_at", "-id"], as_json=message_json)
