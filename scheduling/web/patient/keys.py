"""Neutral names for addresses: what somebody books never stands in a URL, a log or a history."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Protocol, TypeVar


class Slugged(Protocol):
    """A course or a service."""

    @property
    def slug(self) -> str: ...


Thing = TypeVar("Thing", bound=Slugged)


def key(slug: str) -> str:
    """A short name that says nothing, the same for the same slug always."""
    return hashlib.sha256(slug.encode()).hexdigest()[:8]


def find(things: Iterable[Thing], wanted: str) -> Thing | None:
    """The thing of that key, if there is one."""
    return next((thing for thing in things if key(thing.slug) == wanted), None)
