"""Weekly working rules in the site's local time, and dated exceptions to them."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models.functions import Now

from scheduling.models.resource import Resource
from scheduling.models.site import Site

ONE_OWNER = models.Q(site__isnull=False, resource__isnull=True) | models.Q(
    site__isnull=True, resource__isnull=False
)


class WeeklyHours(models.Model):
    """Open every `weekday` (ISO 1-7) from `start` to `end`, local wall time of the site.

    A resource works when its own rules and its site's rules are both open. `valid_from` and
    `valid_until` are local days, inclusive; null means no limit.
    """

    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="hours", null=True, blank=True
    )
    resource = models.ForeignKey(
        Resource, on_delete=models.CASCADE, related_name="hours", null=True, blank=True
    )
    weekday = models.PositiveSmallIntegerField()
    start = models.TimeField()
    end = models.TimeField()
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "weekly hours"
        constraints = [
            models.CheckConstraint(condition=ONE_OWNER, name="hours_one_owner"),
            models.CheckConstraint(
                condition=models.Q(weekday__range=(1, 7)), name="hours_weekday_iso"
            ),
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="hours_not_reversed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.start:%H:%M}-{self.end:%H:%M}"


class Closure(models.Model):
    """A dated exception: leave, holiday, repair. With `opens`, an extra opening instead."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="closures", null=True, blank=True
    )
    resource = models.ForeignKey(
        Resource, on_delete=models.CASCADE, related_name="closures", null=True, blank=True
    )
    during = DateTimeRangeField()
    opens = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_OWNER, name="closure_one_owner"),
        ]

    def __str__(self) -> str:
        return self.reason or "closure"
