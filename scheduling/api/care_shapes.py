"""What is answered about care plans and appointments."""

from __future__ import annotations

from rest_framework import serializers

from scheduling.api.shapes import (
    ALLOWED,
    APPOINTMENT_STATES,
    ATTENDANCES,
    CARE_PLAN_STATES,
    GATE_CODES,
    GATE_STATES,
    MovedShape,
    RefusalShape,
    Shape,
    instant,
    text,
)
from scheduling.models import Clearance


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
    """`reserved`: a treatment whose patient a prescriber has not cleared yet. `attendance`: whether
    the patient has said that they come at this time; empty where they have not said anything."""

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
    attendance = serializers.ChoiceField(ATTENDANCES, allow_blank=True)
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


class RebookedSessionShape(Shape):
    step = text()
    start = instant()
    end = instant()


class RebookedShape(Shape):
    care_plan = CarePlanShape()
    booked = RebookedSessionShape(many=True)
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
