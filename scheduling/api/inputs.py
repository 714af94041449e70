"""What may be sent, field by field. Nothing else is read, and nothing unknown is passed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from scheduling.api.times import ClockField, DayField, InstantField, MomentField
from scheduling.core import reasons
from scheduling.core.catalogue import MODES
from scheduling.core.states import AppointmentState, CarePlanState
from scheduling.core.wishes import DAY_PARTS
from scheduling.models import GateStatus

MOST_SESSIONS = 100
"""More than any course has."""
SLUG: dict[str, Any] = {"max_length": 60}


class Form(serializers.Serializer[Any]):
    """Refuses members it does not know: a misspelt wish would otherwise be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                raise serializers.ValidationError(
                    {name: [_("There is no such field here.")] for name in unknown}
                )
        return super().to_internal_value(data)


class Query(serializers.Serializer[Any]):
    """Query parameters. Those it does not know are left alone, as is usual for URLs."""


def listed(child: serializers.Field[Any, Any, Any, Any], **options: Any) -> Any:
    return serializers.ListField(child=child, max_length=MOST_SESSIONS, **options)


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class SlugMapField(serializers.DictField):
    """A small object of slugs."""

    child: serializers.Field[Any, Any, Any, Any] = serializers.SlugField(**SLUG)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping) and len(data) > MOST_SESSIONS:
            raise serializers.ValidationError(_("Too many entries."))
        names = serializers.SlugField(**SLUG)
        return {
            names.run_validation(key): item for key, item in super().to_internal_value(data).items()
        }


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "format": "uuid"},
        "description": "Role to resource id. A proposal's list of practitioners is read as well.",
        "example": {"therapist": "3f9c1fb2-7f6d-4f0e-9a53-0d5f9d1a3c11"},
    }
)
class PractitionersField(SlugMapField):
    child = serializers.UUIDField()

    def to_internal_value(self, data: Any) -> dict[str, UUID]:
        if isinstance(data, list):
            try:
                data = {item["role"]: item["id"] for item in data}
            except (KeyError, TypeError):
                self.fail("not_a_dict", input_type=type(data).__name__)
        return super().to_internal_value(data)


class Override(Form):
    reason = serializers.CharField(max_length=500)


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


# --- Staff -------------------------------------------------------------------------------------


class BoardQuery(Query):
    site = serializers.SlugField(**SLUG)
    date = DayField()


class Close(Form):
    """A site or one of its resources is closed for a while."""

    site = serializers.SlugField(required=False, allow_null=True, **SLUG)
    resource = serializers.UUIDField(required=False, allow_null=True)
    start = InstantField()
    end = InstantField()
    reason = serializers.CharField(max_length=200)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if bool(data.get("site")) == bool(data.get("resource")):
            raise serializers.ValidationError({"resource": [_("Send either resource or site.")]})
        if data["end"] <= data["start"]:
            raise serializers.ValidationError({"end": [_("The end is not after the start.")]})
        return data


class PatientSearch(Form):
    q = serializers.CharField(max_length=100, min_length=2)
    limit = serializers.IntegerField(min_value=1, max_value=200, required=False)


class NewPatient(Form):
    given_name = serializers.CharField(max_length=300)
    family_name = serializers.CharField(max_length=300)
    preferred_name = serializers.CharField(max_length=300, required=False, allow_blank=True)
    birth_date = DayField()
    email = serializers.EmailField(required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    languages = listed(serializers.CharField(max_length=10), required=False)
    access_needs = listed(serializers.SlugField(max_length=40), required=False)


class Clear(Form):
    """`condition` makes the clearance conditional; `until` is its last day."""

    care_plan = serializers.UUIDField()
    decision = serializers.ChoiceField(["cleared", "conditional", "declined"])
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    condition = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    until = DayField(required=False, allow_null=True)


class TaskFilter(Limit):
    finished = serializers.BooleanField(default=False)


class FinishTask(Form):
    outcome = serializers.CharField(max_length=60)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
