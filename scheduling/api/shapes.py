"""What is answered, for the OpenAPI document. `represent.py` makes the values; every test of the
API checks each answer against these shapes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from scheduling.api.problems import CODES
from scheduling.core.refusals import Code
from scheduling.core.states import AppointmentState, CarePlanState
from scheduling.models import Attendance, BookableBy, GateCode, GateStatus

APPOINTMENT_STATES = [item.value for item in AppointmentState]
ATTENDANCES = Attendance.values
CARE_PLAN_STATES = [item.value for item in CarePlanState]
REFUSAL_CODES = sorted(Code)
GATE_CODES = GateCode.values
GATE_STATES = GateStatus.values
ALLOWED = [
    "reschedule",
    "cancel",
    *(item.value for item in AppointmentState if item != "cancelled"),
]
"""What `allowed` may hold: `reschedule`, `cancel`, and targets of a transition."""


class Shape(serializers.Serializer[Any]):
    """A part of an answer. Its name in the document goes without the suffix `Shape`."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        set_override(cls, "component_name", cls.__name__.removesuffix("Shape"))


def text(**options: Any) -> serializers.CharField:
    return serializers.CharField(**{"allow_blank": True, **options})


def instant(**options: Any) -> serializers.DateTimeField:
    return serializers.DateTimeField(**options)


def page_of(shape: type[Shape]) -> type[Shape]:
    """The shape of a list: `{next, previous, results}`."""
    name = shape.__name__.removesuffix("Shape")
    return type(
        f"{name}Page",
        (Shape,),
        {
            "__doc__": f"A page of {name}.",
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": shape(many=True),
        },
    )


# --- Errors ------------------------------------------------------------------------------------


class RefusalShape(Shape):
    """One reason. The facts of its code stand beside these members."""

    code = serializers.ChoiceField(REFUSAL_CODES)
    detail = text()


class MovedShape(Shape):
    def get_fields(self) -> Any:
        return {
            "id": serializers.UUIDField(allow_null=True),
            "step": text(),
            "from": instant(),
            "to": instant(),
        }


class PractitionerShape(Shape):
    role = text()
    id = serializers.UUIDField()
    name = text()


class ProposedSessionShape(Shape):
    step = text()
    service = text()
    start = instant()
    end = instant()
    practitioners = PractitionerShape(many=True)


class ReasonShape(Shape):
    code = text()
    detail = text()


class ProposalShape(Shape):
    """`id` is an opaque token, good for 30 minutes."""

    id = text()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    trips = serializers.IntegerField()
    score = serializers.IntegerField()
    reasons = ReasonShape(many=True)
    sessions = ProposedSessionShape(many=True)


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
        "description": "Per field, what is wrong with it.",
    }
)
class ErrorsField(serializers.JSONField):
    pass


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"type": "string", "format": "date-time"},
        },
        "description": "Per step, starts that would do instead.",
    }
)
class AlternativesField(serializers.JSONField):
    pass


class Problem(Shape):
    """RFC 9457. `code` is stable; `detail` is for people, in their language."""

    type = text()
    title = text()
    status = serializers.IntegerField()
    detail = text()
    code = serializers.ChoiceField(CODES)
    refusals = RefusalShape(many=True)
    errors = ErrorsField()  # type: ignore[assignment]  # the name is the contract's
    alternatives = AlternativesField(required=False)
    least_change = MovedShape(many=True, required=False)
    proposal = ProposalShape(required=False, allow_null=True)
    disruption = serializers.DictField(required=False, help_text="A fresh proposal: Disruption.")


# --- Public ------------------------------------------------------------------------------------


class SiteShape(Shape):
    slug = text()
    name = text()
    timezone = text()
    address = text()
    phone = text()


class PhaseMinutesShape(Shape):
    name = text()
    minutes = serializers.IntegerField()


class ServiceShape(Shape):
    slug = text()
    title = text()
    modes = serializers.ListField(child=text())
    bookable_by = serializers.ChoiceField(BookableBy.values)
    min_age = serializers.IntegerField()
    treatment = serializers.BooleanField()
    minutes = serializers.IntegerField()
    phases = PhaseMinutesShape(many=True)


class DaysShape(Shape):
    """Local calendar days; null where there is no such limit."""

    min = serializers.IntegerField(allow_null=True)
    target = serializers.IntegerField(allow_null=True)
    max = serializers.IntegerField(allow_null=True)


class StepShape(Shape):
    """`anchor` is what `window_days` counts from: `inf.1`, `start`. Steps with one session after
    each of several others list those in `anchors`."""

    id = text()
    service = text()
    count = serializers.IntegerField(allow_null=True)
    block = text(allow_null=True)
    anchor = text(allow_null=True)
    anchors = serializers.ListField(child=text())
    window_days = DaysShape(allow_null=True)
    gap_days = DaysShape(allow_null=True)
    before = text(allow_null=True)
    not_same_day_as = serializers.ListField(child=text())
    gates = serializers.ListField(child=serializers.ChoiceField(GATE_CODES))


class BlockShape(Shape):
    id = text()
    title = text()
    sessions = serializers.IntegerField()


class ProtocolShape(Shape):
    slug = text()
    title = text()
    summary = text()
    version = serializers.IntegerField()
    bookable_by = serializers.ChoiceField(BookableBy.values)
    experimental = serializers.BooleanField()
    sessions = serializers.IntegerField()
    blocks = BlockShape(many=True)


class EvidenceShape(Shape):
    strength = text()
    summary = text()
    sources = serializers.ListField(child=text())


class ProtocolDetailShape(ProtocolShape):
    evidence = EvidenceShape()
    steps = StepShape(many=True)


class OpeningShape(Shape):
    start = instant()
    end = instant()
    practitioners = PractitionerShape(many=True)


class OpeningsShape(Shape):
    timezone = text()
    service = text()
    openings = OpeningShape(many=True)


class SearchShape(Shape):
    timezone = text()
    optimal = serializers.BooleanField()
    proposals = ProposalShape(many=True)
    refusals = RefusalShape(many=True)
