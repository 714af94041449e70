"""What is answered, for the OpenAPI document. `represent.py` makes the values; every test of the
API checks each answer against these shapes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from scheduling.api.problems import CODES
from scheduling.core.refusals import Code
from scheduling.core.roles import STAFF
from scheduling.core.states import AppointmentState, CarePlanState
from scheduling.models import BookableBy, Clearance, GateCode, GateStatus

APPOINTMENT_STATES = [item.value for item in AppointmentState]
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


# --- Care plans and appointments ---------------------------------------------------------------


class GateShape(Shape):
    code = serializers.ChoiceField(GATE_CODES)
    status = serializers.ChoiceField(GATE_STATES)
    due_at = instant(allow_null=True)
    detail = text()


class PhaseShape(Shape):
    name = text()
    start = instant()
    end = instant()


class ParticipantShape(Shape):
    """Which chair or room it is, a patient learns on the day: until then these are null."""

    role = text()
    resource = serializers.UUIDField(allow_null=True)
    name = text(allow_null=True)
    lane = serializers.IntegerField(allow_null=True)


class AppointmentShape(Shape):
    """`reserved`: a treatment whose patient a prescriber has not cleared yet."""

    id = serializers.UUIDField()
    care_plan = serializers.UUIDField(allow_null=True)
    step = text(allow_null=True)
    patient = serializers.UUIDField()
    service = text()
    site = text()
    mode = text()
    status = serializers.ChoiceField(APPOINTMENT_STATES)
    reserved = serializers.BooleanField()
    version = serializers.IntegerField()
    sequence = serializers.IntegerField()
    start = instant()
    end = instant()
    timezone = text()
    expires_at = instant(allow_null=True)
    phases = PhaseShape(many=True)
    participants = ParticipantShape(many=True)
    gates = GateShape(many=True)
    reason = text()
    late = serializers.BooleanField()
    allowed = serializers.ListField(child=serializers.ChoiceField(ALLOWED))


class CarePlanShape(Shape):
    id = serializers.UUIDField()
    protocol = text()
    protocol_version = serializers.IntegerField()
    blocks = serializers.ListField(child=text())
    patient = serializers.UUIDField()
    site = text()
    timezone = text()
    status = serializers.ChoiceField(CARE_PLAN_STATES)
    version = serializers.IntegerField()
    expires_at = instant(allow_null=True)
    clearance = serializers.ChoiceField(Clearance.values)
    clearance_until = serializers.DateField(allow_null=True)
    paused_until = serializers.DateField(allow_null=True)
    reason = text()
    sessions = AppointmentShape(many=True)
    gates = GateShape(many=True)
    warnings = RefusalShape(many=True)


class RescheduledShape(Shape):
    appointment = AppointmentShape()
    moved = MovedShape(many=True)
    warnings = RefusalShape(many=True)
    dry_run = serializers.BooleanField()


class EventShape(Shape):
    at = instant()
    verb = text()
    actor = text()
    status_before = text()
    status_after = text()
    sequence = serializers.IntegerField()
    reason = text()
    timezone = text()


# --- Staff -------------------------------------------------------------------------------------


class SpanShape(Shape):
    start = instant()
    end = instant()


class BoardClosureShape(SpanShape):
    id = serializers.UUIDField()
    reason = text()
    opens = serializers.BooleanField()


class BoardEntryShape(SpanShape):
    """What a resource is taken for: an appointment, or a group's meeting."""

    appointment = serializers.UUIDField(allow_null=True)
    group_session = serializers.UUIDField(allow_null=True)
    role = text()
    lane = serializers.IntegerField()


class BoardColumnShape(Shape):
    id = serializers.UUIDField()
    name = text()
    kind = text()
    roles = serializers.ListField(child=text())
    capacity = serializers.IntegerField()
    hours = SpanShape(many=True)
    closures = BoardClosureShape(many=True)
    entries = BoardEntryShape(many=True)
    appointments = AppointmentShape(many=True)


class BoardShape(Shape):
    """`appointments` are all of the day, those too that no resource is taken for any more."""

    site = text()
    date = serializers.DateField()
    timezone = text()
    resources = BoardColumnShape(many=True)
    appointments = AppointmentShape(many=True)


class PatientShape(Shape):
    id = serializers.UUIDField()
    given_name = text()
    family_name = text()
    preferred_name = text()
    birth_date = serializers.DateField(allow_null=True)
    email = text()
    phone = text()
    languages = serializers.ListField(child=text())
    access_needs = serializers.ListField(child=text())
    status = text()


class ClosedShape(Shape):
    id = serializers.UUIDField()
    site = text(allow_null=True)
    resource = serializers.UUIDField(allow_null=True)
    start = instant()
    end = instant()
    timezone = text()
    reason = text()
    affected = AppointmentShape(many=True)


class StaffTaskShape(Shape):
    id = serializers.UUIDField()
    kind = text()
    role = serializers.ChoiceField(sorted(STAFF))
    urgent = serializers.BooleanField()
    patient = serializers.UUIDField(allow_null=True)
    care_plan = serializers.UUIDField(allow_null=True)
    appointment = serializers.UUIDField(allow_null=True)
    due_at = instant(allow_null=True)
    owner = text(allow_null=True)
    created_at = instant()
    finished_at = instant(allow_null=True)
    outcome = text()
    note = text()
    timezone = text()


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
