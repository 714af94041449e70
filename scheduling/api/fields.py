"""What forms are made of: nothing unknown is passed over, and nothing is without bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

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
