"""What is answered to staff alone."""

from __future__ import annotations

from rest_framework import serializers

from scheduling.api.care_shapes import AppointmentShape
from scheduling.api.shapes import Shape, instant, text
from scheduling.core.roles import STAFF


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
