"""What a patient has read for a course."""

from __future__ import annotations

from django.db import models

from scheduling.models import CarePlan


class Reading(models.Model):
    """One page of one course. `version` is the wording that was read. `tries` counts how often the
    questions were sent; the answers are not kept. `clear_at`: all three were answered right.
    `talk_at`: the patient would rather talk it over with somebody."""

    care_plan = models.ForeignKey(
        CarePlan, on_delete=models.CASCADE, related_name="readings", db_index=False
    )
    slug = models.SlugField(max_length=60, db_index=False)
    version = models.ForeignKey("PageVersion", on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    clear_at = models.DateTimeField(null=True, blank=True)
    talk_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["read_at"]
        constraints = [
            models.UniqueConstraint(fields=["care_plan", "slug"], name="reading_once"),
        ]

    def __str__(self) -> str:
        return f"reading {self.pk}"
