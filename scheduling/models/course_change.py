"""What a prescriber changes about a course under way, until the patient has agreed to new times."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from scheduling.models.care_plan import CarePlan


class ChangeKind(models.TextChoices):
    """`add`: steps that only a prescriber adds. `pace`: another rhythm, up or down. `switch`: the
    rest by another protocol."""

    ADD = "add"
    PACE = "pace"
    SWITCH = "switch"


class ChangeStatus(models.TextChoices):
    PROPOSED = "proposed"
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"


class CourseChange(models.Model):
    """`details` by kind: `{"step", "count"}`; `{"step", "min", "target", "max"}` in local days;
    `{"protocol"}`. One is open for a course at a time. Nothing is moved until it is agreed to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    care_plan = models.ForeignKey(CarePlan, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12, choices=ChangeKind.choices)
    details = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    status = models.CharField(
        max_length=12, choices=ChangeStatus.choices, default=ChangeStatus.PROPOSED
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=list(ChangeKind)), name="course_change_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=list(ChangeStatus)), name="course_change_status_known"
            ),
            models.UniqueConstraint(
                fields=["care_plan"],
                condition=models.Q(status=ChangeStatus.PROPOSED),
                name="course_change_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"change {self.kind} of a course"
