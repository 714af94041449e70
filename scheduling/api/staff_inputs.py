"""What staff may send, field by field. Nothing else is read."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from scheduling.api.fields import (
    SLUG,
    Form,
    PractitionersField,
    Query,
    listed,
)
from scheduling.api.inputs import Limit
from scheduling.api.times import DayField, InstantField
from scheduling.core.walltime import local_date
from scheduling.operations.take_option import PINNED

PIN_OPTIONS = [one.value for one in sorted(PINNED)]


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


class RepairPin(Form):
    """Where a session is to be, whatever else is found. `option`: one of those that were named for
    it, where it can be there only so; overtime as it was named, or is pinned already."""

    appointment = serializers.UUIDField()
    start = InstantField()
    practitioners = PractitionersField(required=False)
    option = serializers.ChoiceField(PIN_OPTIONS, required=False)


class Adjust(Form):
    """What a repair must keep to. Each list that is sent takes the place of the one before."""

    pins = listed(RepairPin(), required=False)
    exclusions = listed(serializers.UUIDField(), required=False)


class ApplyRepair(Form):
    """`revision`: the one that was looked at. Another one by now is answered with 409."""

    revision = serializers.IntegerField(min_value=1, required=False)


class AlternativesQuery(Query):
    appointment = serializers.UUIDField()


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

    def validate_birth_date(self, born: date) -> date:
        if born > local_date(timezone.now(), timezone.get_default_timezone_name()):
            raise serializers.ValidationError(_("This day has not come yet."))
        return born


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
