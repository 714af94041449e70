"""A patient's answers to the safety questions, kept as they are typed."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from scheduling.models.care_plan import CarePlan


class Screening(models.Model):
    """The answers of one course by question (`core.screening`). They say a great deal about a
    person: shown to that person in a strong session and to clinical staff, to nobody else.

    `submitted_at` is when they were last sent; what is typed after that is kept, and sent again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    care_plan = models.OneToOneField(CarePlan, on_delete=models.PROTECT, related_name="screening")
    answers = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"screening {self.pk}"
