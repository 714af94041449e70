"""Three kinds of session, told apart by a shape wherever a course is drawn."""

from __future__ import annotations

from typing import Protocol

GROUPS = ("lifestyle_group",)
"""Services that are given to several people at once."""


class Kind(Protocol):
    """What a service is, whether it was read from the database or belongs to the core."""

    @property
    def slug(self) -> str: ...
    @property
    def treatment(self) -> bool: ...


def mark_of(service: Kind) -> str:
    """`treatment`, `group` or `talk`."""
    if service.treatment:
        return "treatment"
    return "group" if service.slug in GROUPS else "talk"
