"""What may be sent to look for times and to book them, field by field. Nothing else is read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from scheduling.api.fields import (
    MOST_SESSIONS,
    SLUG,
    Form,
    Override,
    PractitionersField,
    Query,
    SlugMapField,
    listed,
)
from scheduling.api.times import ClockField, DayField, InstantField, MomentField
from scheduling.core import reasons
from scheduling.core.catalogue import MODES
from scheduling.core.states import AppointmentState, CarePlanState
from scheduling.core.wishes import DAY_PARTS
from scheduling.models import GateStatus

# --- Looking for times -------------------------------------------------------------------------


class Limit(Query):
    limit = serializers.IntegerField(min_value=1, max_value=200, required=False)
    cursor = serializers.CharField(required=False, max_length=500)


class Period(Query):
    """`from` is a keyword of Python, so both are added by name."""

    def get_fields(self) -> Any:
        return {
            "from": MomentField(help_text="Begin: a local day of the site, or an instant."),
            "to": MomentField(help_text="End, not included: a local day, or an instant."),
            **super().get_fields(),
        }


class OptionalPeriod(Query):
    def get_fields(self) -> Any:
        return {
            "from": MomentField(required=False),
            "to": MomentField(required=False),
            **super().get_fields(),
        }


class OpeningsQuery(Period):
    service = serializers.SlugField(**SLUG)
    site = serializers.SlugField(**SLUG)
    practitioner = serializers.UUIDField(required=False)
    role = serializers.SlugField(required=False, **SLUG)
    mode = serializers.ChoiceField(MODES, required=False)


class Fixed(Form):
    step = serializers.RegexField(r"^[\w-]+\.\d{1,4}\Z", max_length=60)
    start = InstantField()


class Preferences(Form):
    weekdays = listed(serializers.IntegerField(min_value=1, max_value=7), required=False)
    day_parts = listed(serializers.ChoiceField(list(DAY_PARTS)), required=False)
    practitioners = PractitionersField(required=False)


class CourseSearch(Form):
    """Everything but `prefer` is a hard limit. Days are local to the site; weekdays ISO 1-7."""

    protocol = serializers.SlugField(**SLUG)
    site = serializers.SlugField(**SLUG)
    earliest = DayField()
    latest = DayField(required=False, allow_null=True)
    blocks = listed(serializers.SlugField(**SLUG), required=False)
    modes = SlugMapField(
        required=False, help_text="Service to mode (`in_person`, `video`, `phone`)."
    )
    weekdays = listed(
        serializers.IntegerField(min_value=1, max_value=7), required=False, allow_empty=False
    )
    day_parts = listed(serializers.ChoiceField(list(DAY_PARTS)), required=False, allow_empty=False)
    not_before = ClockField(required=False, allow_null=True)
    not_after = ClockField(required=False, allow_null=True)
    languages = listed(serializers.CharField(max_length=10), required=False)
    access = listed(serializers.SlugField(max_length=40), required=False)
    prefer = Preferences(required=False)
    practitioners = PractitionersField(required=False)
    fixed = Fixed(many=True, required=False, max_length=MOST_SESSIONS)  # type: ignore[call-arg]  # taken by many=True
    limit = serializers.IntegerField(
        min_value=1, max_value=10, required=False, help_text="At most five are given."
    )
    patient = serializers.UUIDField(
        required=False, allow_null=True, help_text="For whom; staff only."
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        errors = {}
        if data.get("latest") and data["latest"] < data["earliest"]:
            errors["latest"] = [_("This is before the earliest day.")]
        low, high = data.get("not_before"), data.get("not_after")
        if low and high and high <= low:
            errors["not_after"] = [_("This is not after not_before.")]
        if errors:
            raise serializers.ValidationError(errors)
        return data


# --- Booking -----------------------------------------------------------------------------------


class WantedSession(Form):
    """`service` and `end` follow from step and start. They may be sent, as proposals carry them."""

    step = serializers.RegexField(r"^[\w-]+\.\d{1,4}\Z", max_length=60)
    start = InstantField()
    practitioners = PractitionersField(required=False)
    service = serializers.SlugField(required=False, **SLUG)
    end = InstantField(required=False)


class Hold(Form):
    """Either `proposal`, or `protocol`, `site` and `sessions`."""

    proposal = serializers.CharField(max_length=20_000, required=False)
    protocol = serializers.SlugField(required=False, **SLUG)
    site = serializers.SlugField(required=False, **SLUG)
    sessions = WantedSession(many=True, required=False, max_length=MOST_SESSIONS)  # type: ignore[call-arg]  # taken by many=True
    modes = SlugMapField(required=False)
    patient = serializers.UUIDField(required=False, allow_null=True, help_text="Staff only.")
    reason = serializers.CharField(
        max_length=2000, required=False, help_text="Where the course asks a prescriber for one."
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        spelled = [name for name in ("protocol", "site", "sessions") if data.get(name)]
        if "proposal" in data and spelled:
            raise serializers.ValidationError(
                {"proposal": [_("Send either a proposal or sessions, not both.")]}
            )
        if "proposal" not in data and len(spelled) < 3:
            raise serializers.ValidationError(
                {"proposal": [_("Send a proposal, or protocol, site and sessions.")]}
            )
        steps = [session["step"] for session in data.get("sessions", [])]
        if len(steps) != len(set(steps)):
            raise serializers.ValidationError({"sessions": [_("A step is there twice.")]})
        return data


class Nothing(Form):
    """No body is needed."""


class Pause(Form):
    reason = serializers.ChoiceField([item.value for item in reasons.Paused])
    until = DayField(required=False, allow_null=True)


class Revoke(Form):
    reason = serializers.ChoiceField([item.value for item in reasons.Revoked])
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class AddBlock(Form):
    block = serializers.SlugField(max_length=40)


class LostStep(Form):
    """A step to book again, at `start` or at the best time there is."""

    step = serializers.CharField(max_length=60)
    start = InstantField(required=False)


class Rebook(Form):
    """Without `sessions`, every step that the course has lost. A dry run says what would be."""

    sessions = LostStep(many=True, required=False, max_length=MOST_SESSIONS)  # type: ignore[call-arg]  # taken by many=True
    dry_run = serializers.BooleanField(default=False)


class SetGate(Form):
    """`override` gives the reason, and goes with the status `overridden`."""

    status = serializers.ChoiceField(GateStatus.values)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    override = Override(required=False, allow_null=True)


class CarePlanFilter(Limit):
    status = serializers.ChoiceField([item.value for item in CarePlanState], required=False)
    patient = serializers.UUIDField(required=False)


class AppointmentFilter(Limit, OptionalPeriod):
    resource = serializers.UUIDField(required=False)
    status = serializers.ChoiceField([item.value for item in AppointmentState], required=False)
    patient = serializers.UUIDField(required=False)
    care_plan = serializers.UUIDField(required=False)


class BookSession(Form):
    service = serializers.SlugField(**SLUG)
    site = serializers.SlugField(**SLUG)
    start = InstantField()
    patient = serializers.UUIDField(required=False, allow_null=True, help_text="Staff only.")
    practitioners = PractitionersField(required=False)
    mode = serializers.ChoiceField(MODES, required=False)


class Reschedule(Form):
    """`least_change` lets the rest of the course follow; a dry run says what would happen."""

    start = InstantField()
    practitioners = PractitionersField(required=False)
    cascade = serializers.ChoiceField(["none", "least_change"], default="none")
    dry_run = serializers.BooleanField(default=False)
    override = Override(required=False, allow_null=True)


class Cancel(Form):
    reason = serializers.ChoiceField([item.value for item in reasons.Cancelled])
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class Transition(Form):
    """`reason` is coded where the step asks for one (not treated, stopped), and free words where
    it takes back a step keyed wrongly."""

    to = serializers.ChoiceField([item.value for item in AppointmentState])
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)
    override = Override(required=False, allow_null=True)
