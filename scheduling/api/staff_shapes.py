"""What is answered to staff alone."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from scheduling.api.care_shapes import AppointmentShape
from scheduling.api.shapes import RefusalShape, Shape, instant, text
from scheduling.core.repair import Option
from scheduling.core.roles import STAFF

OPTIONS = [one.value for one in Option]
DISRUPTION_STATES = ["proposed", "applied", "withdrawn"]
"""Withdrawn: its closure was taken away again."""


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


class RepairUnitShape(Shape):
    role = text()
    id = serializers.UUIDField()
    name = text()


class RepairOvertimeShape(Shape):
    """Who would stay, or what be open, beyond their hours."""

    id = serializers.UUIDField()
    name = text()
    start = instant()
    end = instant()


class RepairChangeShape(Shape):
    """One session that would go elsewhere, or stay at its time with others. `follows`: it was not
    affected itself, and makes room in its course. `option`: what staff allow for it. `price` as in
    the documents of the planner."""

    def get_fields(self) -> Any:
        return {
            "appointment": serializers.UUIDField(),
            "step": text(),
            "from": instant(),
            "to": instant(),
            "end": instant(),
            "resources": RepairUnitShape(many=True),
            "price": serializers.IntegerField(),
            "pinned": serializers.BooleanField(),
            "follows": serializers.BooleanField(),
            "option": serializers.ChoiceField(OPTIONS, allow_null=True),
            "overtime": RepairOvertimeShape(many=True),
        }


class RepairOptionShape(Shape):
    """What somebody could do; `start` where it would give the session a time, `site` where that
    is, if it is another one. Pin the session there with this `option` to take it; what waits is
    joined at `waitlist-entries/`."""

    option = serializers.ChoiceField(OPTIONS)
    start = instant(allow_null=True)
    site = text(allow_null=True)
    overtime = RepairOvertimeShape(many=True)


class RepairUnplacedShape(Shape):
    appointment = serializers.UUIDField()
    refusals = RefusalShape(many=True)
    options = RepairOptionShape(many=True)


class RepairPinShape(Shape):
    appointment = serializers.UUIDField()
    start = instant()
    option = serializers.ChoiceField(OPTIONS, allow_null=True)


class RepairProgressShape(Shape):
    """`share` of the time for which something better is looked for, 0 to 1."""

    ended = serializers.BooleanField()
    share = serializers.FloatField()


class DisruptionShape(Shape):
    """`affected`, `depends` (sessions tied to an affected one by a window or gap) and `excluded`
    are ids of appointments. `revision` grows with every proposal."""

    id = serializers.UUIDField()
    site = text()
    resource = serializers.UUIDField(allow_null=True)
    start = instant()
    end = instant()
    timezone = text()
    reason = text()
    status = serializers.ChoiceField(DISRUPTION_STATES)
    revision = serializers.IntegerField()
    affected = serializers.ListField(child=serializers.UUIDField())
    depends = serializers.ListField(child=serializers.UUIDField())
    changes = RepairChangeShape(many=True)
    unplaced = RepairUnplacedShape(many=True)
    pins = RepairPinShape(many=True)
    exclusions = serializers.ListField(child=serializers.UUIDField())
    cost = serializers.IntegerField()
    progress = RepairProgressShape()
    applied_at = instant(allow_null=True)
    undo = serializers.BooleanField()


class RepairAlternativeShape(Shape):
    start = instant()
    end = instant()
    resources = RepairUnitShape(many=True)
    price = serializers.IntegerField()


class RepairAlternativesShape(Shape):
    appointment = serializers.UUIDField()
    timezone = text()
    alternatives = RepairAlternativeShape(many=True)


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
