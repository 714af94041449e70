"""Whether patients have been told of a repair: whoever sends messages says so."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

Asked = Callable[[UUID], bool]
_asked: list[Asked] = []


def register(told: Asked) -> None:
    """Another app's answer: whether anybody has been told what this disruption moved."""
    _asked.append(told)


def anybody_told(disruption: UUID) -> bool:
    """Whether any app has told anybody."""
    return any(told(disruption) for told in _asked)
