"""Three kinds of session, told apart by a shape wherever a course is drawn."""

from __future__ import annotations

from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.service import Service

GROUPS = ("lifestyle_group",)
"""Services that are given to several people at once."""


def mark_of(service: Service | ServiceDefinition) -> str:
    """`treatment`, `group` or `talk`."""
    if service.treatment:
        return "treatment"
    return "group" if service.slug in GROUPS else "talk"
