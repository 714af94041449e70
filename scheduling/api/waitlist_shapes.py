"""What is sent and answered about the waitlist."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from scheduling.api.care_shapes import AppointmentShape
from scheduling.api.fields import SLUG, Form, SlugMapField, listed
from scheduling.api.inputs import Limit
from scheduling.api.represent import Json
from scheduling.api.shapes import Shape, instant, text
from scheduling.api.times import DayField, stamp, stamp_or_none
from scheduling.core.catalogue import MODES
from scheduling.core.wishes import DAY_PARTS
from scheduling.models import (
    OfferStatus,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistPriority,
    WaitlistStatus,
    WaitlistWant,
)

WANTS = WaitlistWant.values
ENTRY_STATES = WaitlistStatus.values
OFFER_STATES = OfferStatus.values
PRIORITIES = [one.name.lower() for one in WaitlistPriority]


class WaitlistFilter(Limit):
    status = serializers.ChoiceField(ENTRY_STATES, required=False)
    patient = serializers.UUIDField(required=False)


class JoinWaitlist(Form):
    """Another time of an `appointment`; or, at a `site`, a visit of a `service` or a whole course
    of a `protocol`. Days are local to the site; weekdays ISO 1-7. What is left out is all the same.
    """

    want = serializers.ChoiceField(WANTS)
    appointment = serializers.UUIDField(required=False, allow_null=True)
    site = serializers.SlugField(required=False, **SLUG)
    service = serializers.SlugField(required=False, **SLUG)
    mode = serializers.ChoiceField(MODES, required=False)
    protocol = serializers.SlugField(required=False, **SLUG)
    blocks = listed(serializers.SlugField(**SLUG), required=False)
    modes = SlugMapField(required=False)
    weekdays = listed(serializers.IntegerField(min_value=1, max_value=7), required=False)
    day_parts = listed(serializers.ChoiceField(list(DAY_PARTS)), required=False)
    earliest = DayField(required=False)
    latest = DayField(required=False, allow_null=True)
    person = serializers.UUIDField(required=False, allow_null=True)
    patient = serializers.UUIDField(required=False, allow_null=True, help_text="Staff only.")

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        named = [name for name in ("appointment", "service", "protocol") if data.get(name)]
        if len(named) != 1:
            raise serializers.ValidationError(
                {"want": [_("Send one of appointment, service and protocol.")]}
            )
        if "appointment" not in named and not data.get("site"):
            raise serializers.ValidationError({"site": [_("Say at which site.")]})
        return data


class WaitlistOfferShape(Shape):
    """A time that is held for who waits, until `expires_at`. `care_plan`: a whole course, held."""

    id = serializers.UUIDField()
    entry = serializers.UUIDField()
    status = serializers.ChoiceField(OFFER_STATES)
    start = instant()
    end = instant()
    care_plan = serializers.UUIDField(allow_null=True)
    expires_at = instant()
    made_at = instant()
    answered_at = instant(allow_null=True)
    timezone = text()


class WaitlistEntryShape(Shape):
    """`offer` is the one that stands. Who comes first: `priority`, then `turn`."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(ENTRY_STATES)
    want = serializers.ChoiceField(WANTS)
    patient = serializers.UUIDField()
    care_plan = serializers.UUIDField(allow_null=True)
    appointment = serializers.UUIDField(allow_null=True)
    service = text(allow_null=True)
    mode = text()
    protocol = text(allow_null=True)
    site = text()
    weekdays = serializers.ListField(child=serializers.IntegerField())
    day_parts = serializers.ListField(child=text())
    earliest = serializers.DateField()
    latest = serializers.DateField(allow_null=True)
    person = serializers.UUIDField(allow_null=True)
    priority = serializers.ChoiceField(PRIORITIES)
    turn = instant()
    skip_until = instant(allow_null=True)
    created_at = instant()
    offer = WaitlistOfferShape(allow_null=True)
    timezone = text()


class AcceptedShape(Shape):
    """The offer, and what was booked: a session, or every session of a course."""

    offer = WaitlistOfferShape()
    appointment = AppointmentShape(allow_null=True)
    care_plan = serializers.UUIDField(allow_null=True)


def entry_json(entry: WaitlistEntry) -> Json:
    """Load it with site and protocol version, and with its offers."""
    zone = entry.site.timezone
    standing = next((one for one in entry.offers.all() if one.status == OfferStatus.OFFERED), None)
    return {
        "id": str(entry.pk),
        "status": entry.status,
        "want": entry.want,
        "patient": str(entry.patient_id),
        "care_plan": _id(entry.care_plan_id),
        "appointment": _id(entry.appointment_id),
        "service": entry.service_id,
        "mode": entry.mode,
        "protocol": entry.protocol_version.protocol_id if entry.protocol_version else None,
        "site": entry.site.slug,
        "weekdays": entry.weekdays,
        "day_parts": entry.day_parts,
        "earliest": entry.earliest.isoformat(),
        "latest": entry.latest.isoformat() if entry.latest else None,
        "person": _id(entry.person_id),
        "priority": WaitlistPriority(entry.priority).name.lower(),
        "turn": stamp(entry.turn, zone),
        "skip_until": stamp_or_none(entry.skip_until, zone),
        "created_at": stamp(entry.created_at, zone),
        "offer": offer_json(standing, zone) if standing else None,
        "timezone": zone,
    }


def offer_json(offer: WaitlistOffer, zone: str) -> Json:
    return {
        "id": str(offer.pk),
        "entry": str(offer.entry_id),
        "status": offer.status,
        "start": stamp(offer.start, zone),
        "end": stamp(offer.end, zone),
        "care_plan": _id(offer.care_plan_id),
        "expires_at": stamp(offer.expires_at, zone),
        "made_at": stamp(offer.made_at, zone),
        "answered_at": stamp_or_none(offer.answered_at, zone),
        "timezone": zone,
    }


def _id(key: object) -> str | None:
    return str(key) if key else None
