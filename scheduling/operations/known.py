"""Rows that were just written, for whoever shows them: not to be read again under the locks."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Model


def know(row: Model, related: str, rows: Iterable[Model]) -> None:
    """Let `row.<related>.all()` answer with these rows, as after `prefetch_related`. Anything more
    particular (`filter`, `count`) still asks the database."""
    found = getattr(row, related).get_queryset()
    found._result_cache = list(rows)
    found._prefetch_done = True
    row.__dict__.setdefault("_prefetched_objects_cache", {})[related] = found
