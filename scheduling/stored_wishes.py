"""What a patient asked for, as it is kept with a care plan and carried in a proposal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from scheduling.core.wishes import Liking, Wishes

_SETS = ("weekdays", "day_parts", "languages", "access")


def to_json(wishes: Wishes) -> dict[str, Any]:
    """Everything but `fixed`, which concerns one search alone. What says nothing is left out."""
    usual = Wishes(earliest=wishes.earliest)
    said = {
        field.name: _plain(getattr(wishes, field.name))
        for field in fields(Wishes)
        if field.name not in ("fixed", "liking")
        and getattr(wishes, field.name) != getattr(usual, field.name)
    }
    liking = {
        field.name: _plain(getattr(wishes.liking, field.name))
        for field in fields(Liking)
        if getattr(wishes.liking, field.name)
    }
    said["earliest"] = wishes.earliest.isoformat()
    return said | ({"prefer": liking} if liking else {})


def from_json(stored: Mapping[str, Any], earliest: date) -> Wishes:
    """The wishes that `to_json` wrote, from another earliest date on."""
    values: dict[str, Any] = {
        name: _hard(name, value)
        for name, value in stored.items()
        if name not in ("earliest", "prefer")
    }
    liking = {name: _hard(name, value) for name, value in stored.get("prefer", {}).items()}
    return Wishes(earliest=earliest, liking=Liking(**liking), **values)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value.isoformat() if isinstance(value, date) else value


def _hard(name: str, value: Any) -> Any:
    if name in _SETS:
        return frozenset(value)
    return date.fromisoformat(value) if name == "latest" and value else value
