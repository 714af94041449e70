"""One dated meeting of a group series. Set up by managers, open only at its own time."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models

from scheduling.models.resource import Resource
from scheduling.models.service import Service


class GroupSession(models.Model):
    """Coach and room are reserved by the meeting; each patient then takes one seat (a lane of
    `series`). Cancelling it is a disruption for every seat."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    series = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="group_sessions")
    coach = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+")
    during = DateTimeRangeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["during", "id"]

    def __str__(self) -> str:
        return f"{self.series} {self.during.lower:%Y-%m-%d %H:%M}"
