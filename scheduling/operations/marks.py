"""What somebody saw when they began to change something, so that of two managers the second is told
instead of overwriting the first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db.models import Model

from scheduling.core.refusals import Code, Refused, refuse


def mark_of_row(row: Model, fields: Iterable[str], *more: object) -> str:
    """Another one for other values of these fields, or of `more` that belongs to the row."""
    text = repr([[row.serializable_value(name) for name in fields], *more])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def require_seen(seen: str, mark: str) -> None:
    """Raises Refused (STALE) where `mark` is not the one that was seen."""
    if seen != mark:
        raise Refused([refuse(Code.STALE)])
