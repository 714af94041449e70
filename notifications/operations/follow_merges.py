"""Two records of one person become one, and two again: their messages go with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from notifications.models import Message
from scheduling.operations.merge_patients import MERGED, UNMERGED


def follow_merges(rows: Iterable[Mapping[str, Any]]) -> None:
    """Give messages to the record that holds what they are about. `rows` are events as `collect`
    reads them. Part of its transaction."""
    for row in rows:
        if row["verb"] == MERGED:
            Message.objects.filter(patient=row["facts"]["duplicate"]).update(
                patient=row["patient_id"]
            )
        elif row["verb"] == UNMERGED:
            apart = row["facts"]["duplicate"]
            about = Q(appointment__patient=apart) | Q(care_plan__patient=apart)
            theirs = Message.objects.filter(about, patient=row["patient_id"])
            keys = list(theirs.values_list("pk", flat=True))
            Message.objects.filter(pk__in=keys).update(patient=apart)
